//! Inheritance (ODRL Information Model 2.2, section 2.9).

use super::{Constraint, Operand, Policy, Rule};
use crate::parse::{PolicyError, wrong};
use std::collections::{BTreeMap, BTreeSet};

/// Most ancestors of one policy, all together.
const MOST: usize = 64;

impl Policy {
    /// The policy with the rules of all its ancestors, each ancestor once; `find` gives a policy by its id. Rules
    /// of a parent keep what its head says about target and parties, strategies for conflicts are joined, and
    /// recorded values (`status`) do not pass on.
    ///
    /// # Errors
    /// [`PolicyError`] when a parent cannot be found, or a policy is its own ancestor.
    pub fn inherit<'a>(&self, find: &dyn Fn(&str) -> Option<&'a Self>) -> Result<Self, PolicyError> {
        let mut merged = self.clone();
        let parents = std::mem::take(&mut merged.inherits);
        let mut line: Vec<String> = self.id.iter().cloned().collect();
        let mut done = BTreeSet::new();
        for parent in &parents {
            merged.add(parent, find, &mut line, &mut done)?;
        }
        merged.conflicts.sort_unstable();
        merged.conflicts.dedup();
        Ok(merged)
    }

    fn add<'a>(
        &mut self,
        id: &str,
        find: &dyn Fn(&str) -> Option<&'a Self>,
        line: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Result<(), PolicyError> {
        if line.iter().any(|ancestor| ancestor == id) {
            return Err(wrong("inheritFrom", format!("{id} inherits from itself")));
        }
        if !done.insert(id.to_owned()) {
            return Ok(());
        }
        if done.len() > MOST {
            return Err(wrong("inheritFrom", format!("there are more than {MOST} ancestors")));
        }
        let parent = find(id).ok_or_else(|| wrong("inheritFrom", format!("{id} cannot be found")))?;
        line.push(id.to_owned());
        for grandparent in &parent.inherits {
            self.add(grandparent, find, line, done)?;
        }
        line.pop();
        let take = |rules: &[Rule]| rules.iter().map(|rule| inherited(rule, parent)).collect::<Vec<_>>();
        self.permissions.extend(take(&parent.permissions));
        self.prohibitions.extend(take(&parent.prohibitions));
        self.obligations.extend(take(&parent.obligations));
        self.conflicts.extend(&parent.conflicts);
        for profile in
            parent.profiles.iter().filter(|p| !self.profiles.contains(p)).cloned().collect::<Vec<_>>()
        {
            self.profiles.push(profile);
        }
        self.unknown.extend(parent.unknown.clone());
        if self.replaced_by.is_none() {
            self.replaced_by.clone_from(&parent.replaced_by);
        }
        Ok(())
    }
}

/// A rule of `parent` under another head: it stays for those that the parent's head names.
fn inherited(rule: &Rule, parent: &Policy) -> Rule {
    let mut rule = rule.clone();
    let head = |own: &mut Option<super::Referent>, head: &Option<String>| {
        if own.is_none() {
            *own = head.clone().map(super::Referent::one);
        }
    };
    head(&mut rule.target, &parent.target);
    head(&mut rule.assigner, &parent.assigner);
    head(&mut rule.assignee, &parent.assignee);
    reset(&mut rule);
    rule
}

fn reset(rule: &mut Rule) {
    rule.constraints.iter_mut().chain(&mut rule.refinements).for_each(reset_constraint);
    for inner in rule.duties.iter_mut().chain(&mut rule.consequences).chain(&mut rule.remedies) {
        reset(inner);
    }
}

fn reset_constraint(constraint: &mut Constraint) {
    match constraint {
        Constraint::Atomic(a) => a.status = None,
        Constraint::Logical(l) => l.items.iter_mut().for_each(reset_constraint),
    }
}

impl Policy {
    /// The policy with the values that `table` gives for `rightOperandReference`, by IRI. What the table does not
    /// have stays as it is, and cannot be decided.
    #[must_use]
    pub fn with_references(&self, table: &BTreeMap<String, Vec<Operand>>) -> Self {
        let mut out = self.clone();
        for rule in out.permissions.iter_mut().chain(&mut out.prohibitions).chain(&mut out.obligations) {
            refer(rule, table);
        }
        out
    }
}

fn refer(rule: &mut Rule, table: &BTreeMap<String, Vec<Operand>>) {
    let referents = [&mut rule.target, &mut rule.assigner, &mut rule.assignee];
    let narrowing = referents.into_iter().flatten().flat_map(|r| &mut r.refinements);
    for constraint in rule.constraints.iter_mut().chain(&mut rule.refinements).chain(narrowing) {
        refer_constraint(constraint, table);
    }
    for inner in rule.duties.iter_mut().chain(&mut rule.consequences).chain(&mut rule.remedies) {
        refer(inner, table);
    }
}

fn refer_constraint(constraint: &mut Constraint, table: &BTreeMap<String, Vec<Operand>>) {
    match constraint {
        Constraint::Logical(l) => l.items.iter_mut().for_each(|item| refer_constraint(item, table)),
        Constraint::Atomic(a) if a.references.iter().all(|r| table.contains_key(r)) => {
            let references = std::mem::take(&mut a.references);
            a.right.extend(references.iter().filter_map(|r| table.get(r)).flatten().cloned());
        }
        Constraint::Atomic(_) => {}
    }
}
