//! The organisations of the lab. They are fictitious; their kinds are from public life in France.

/// One organisation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Organisation {
    /// Short name, for `--as`.
    pub(super) slug: &'static str,
    /// Name.
    pub(super) name: &'static str,
    /// ISO 3166-1 code of its seat.
    pub(super) country: &'static str,
}

const ORGANISATIONS: [Organisation; 10] = [
    Organisation { slug: "port", name: "Port de l'Estuaire (lab)", country: "FR" },
    Organisation { slug: "meteo", name: "Service météo du littoral (lab)", country: "FR" },
    Organisation { slug: "ferme", name: "Coopérative agricole du Bocage (lab)", country: "FR" },
    Organisation { slug: "gare", name: "Régie des transports (lab)", country: "FR" },
    Organisation { slug: "eaux", name: "Syndicat des eaux (lab)", country: "FR" },
    Organisation { slug: "mairie", name: "Mairie de Saint-Exemple (lab)", country: "FR" },
    Organisation { slug: "hopital", name: "Hôpital du Plateau (lab)", country: "FR" },
    Organisation { slug: "universite", name: "Université des Deux-Rives (lab)", country: "FR" },
    Organisation { slug: "musee", name: "Musée des Techniques (lab)", country: "FR" },
    Organisation { slug: "energie", name: "Régie d'énergie (lab)", country: "FR" },
];

/// Most participants of a lab.
pub(super) const MOST: usize = ORGANISATIONS.len();

/// The first `count` organisations.
pub(super) fn first(count: usize) -> &'static [Organisation] {
    ORGANISATIONS.get(..count.min(MOST)).unwrap_or(&ORGANISATIONS)
}
