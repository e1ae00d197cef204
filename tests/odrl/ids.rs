//! The IDS usage control policy classes: each loads, is named as its class, and says who enforces it.

use crate::score::{Score, folder, read};
use policies::Policy;
use policies::relate::{Capabilities, Enforcer, UsageClass, enforceability};

/// The class that a file is about, by its number.
fn class(number: &str) -> Option<UsageClass> {
    use UsageClass::*;
    Some(match number {
        "pc1" => Consumer,
        "pc2" => Connector,
        "pc3" => Application,
        "pc4" => UserRole,
        "pc5" => Location,
        "pc6" => Purpose,
        "pc7" => Event,
        "pc8" => SecurityLevel,
        "pc9" => TimeInterval,
        "pc10" => Duration,
        "pc11" => Count,
        "pc12" => Delete,
        "pc13" => ModifyInTransit,
        "pc15" => Log,
        "pc16" => Notify,
        "pc19" => Sale,
        "pc20" => Rent,
        "pc21" => EnvironmentState,
        _ => return None,
    })
}

#[test]
fn ids_policy_classes() {
    let Some(folder) = folder("ids-policy-classes") else { return };
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut score = Score::new("ids");
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let policy = match Policy::parse(&serde_json::from_str(&read(&path)).unwrap()) {
            Ok(policy) => policy,
            Err(error) => {
                score.note(&name, false, || error.to_string());
                continue;
            }
        };
        let found = enforceability(&policy, &Capabilities::default());
        let wanted = class(name.split('-').next().unwrap());
        let named = wanted.is_none_or(|class| found.iter().any(|a| a.class == class));
        // Whatever is ours says when.
        let sound = found.iter().all(|a| (a.enforcer == Enforcer::Connector) != a.stages.is_empty());
        let detail = || format!("{wanted:?}: {found:?}");
        score.note(&name, named && sound && !found.is_empty(), detail);
    }
    score.expect(25, 0);
}
