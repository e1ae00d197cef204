//! Messages of the transfer process protocol.

use super::DataAddress;
use super::wire::message;
use crate::transfer::State;
use serde_json::Value;

message! {
    /// The consumer asks for the data of an agreement.
    pub struct TransferRequestMessage {
        /// The consumer's process id.
        consumer_pid: String,
        /// The agreement.
        agreement_id: String,
        /// Distribution format.
        format: String,
        /// The consumer's base URL.
        callback_address: String,
        /// Where to push the data; for push formats only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data_address: Option<DataAddress>,
    }
    check |body| {
        for name in ["consumerPid", "agreementId", "format"] {
            body.text(name)?;
        }
        body.url("callbackAddress")?;
        DataAddress::check(body, "dataAddress")
    }
}

message! {
    /// Data may flow, for the first time or again.
    pub struct TransferStartMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// Where to fetch the data; from the provider of a pull transfer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data_address: Option<DataAddress>,
    }
    check |body| {
        body.pids()?;
        DataAddress::check(body, "dataAddress")
    }
}

message! {
    /// Data may not flow for now.
    pub struct TransferSuspensionMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| {
        body.pids()?;
        body.code_and_reason(1)
    }
}

message! {
    /// All data has flowed.
    pub struct TransferCompletionMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
    }
    check |body| body.pids()
}

message! {
    /// Either party ends the transfer.
    pub struct TransferTerminationMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| {
        body.pids()?;
        body.code_and_reason(1)
    }
}

message! {
    /// Acknowledgement: the state of a transfer.
    pub struct TransferProcess {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// State.
        state: State,
    }
    check |body| {
        body.pids()?;
        body.one_of("state", &State::ALL.map(State::name))
    }
}
