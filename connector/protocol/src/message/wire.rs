//! The macro that defines a message, so that all of them have the same envelope.

/// Defines one message struct: envelope, own members, unknown members; strict `parse` and `to_json`.
macro_rules! message {
    (
        $(#[$meta:meta])*
        $new:vis struct $name:ident {
            $( $(#[$member_meta:meta])* $member:ident: $type:ty, )*
        }
        check $check:expr
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// Contexts; that of the protocol is among them.
            #[serde(rename = "@context")]
            pub context: Vec<String>,
            /// Type name.
            #[serde(rename = "@type")]
            pub typ: String,
            /// Id of this message, by which a repeat is known.
            #[serde(rename = "@id", default, skip_serializing_if = "Option::is_none")]
            pub id: Option<String>,
            $( $(#[$member_meta])* pub $member: $type, )*
            /// Members that the protocol does not define.
            #[serde(flatten)]
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            /// `@type` of this message.
            pub const TYPE: &'static str = stringify!($name);

            /// The message with these members.
            #[must_use]
            $new fn new($($member: $type),*) -> Self {
                Self {
                    context: vec![ontology::jsonld::DSPACE_CONTEXT.to_owned()],
                    typ: Self::TYPE.to_owned(),
                    id: None,
                    $($member,)*
                    extra: serde_json::Map::new(),
                }
            }

            /// With a message id.
            #[must_use]
            pub fn with_id(mut self, id: impl Into<String>) -> Self {
                self.id = Some(id.into());
                self
            }

            /// With a member that the protocol does not define.
            #[must_use]
            pub fn with_extra(mut self, name: impl Into<String>, value: serde_json::Value) -> Self {
                self.extra.insert(name.into(), value);
                self
            }

            /// Reads the message.
            ///
            /// # Errors
            /// [`Malformed`](super::Malformed) naming the first member that breaks the schema.
            pub fn parse(value: serde_json::Value) -> Result<Self, super::Malformed> {
                let body = super::check::Object::at(&value, "")?;
                body.envelope(Self::TYPE)?;
                let check: fn(&super::check::Object<'_>) -> Result<(), super::Malformed> = $check;
                check(&body)?;
                serde_json::from_value(value)
                    .map_err(|error| super::Malformed { field: "body".to_owned(), reason: error.to_string() })
            }

            /// The message as JSON, `@context` first.
            #[must_use]
            pub fn to_json(&self) -> serde_json::Value {
                // String keys and JSON values only, so this cannot fail.
                serde_json::to_value(self).unwrap_or_default()
            }
        }
    };
}

pub(crate) use message;
