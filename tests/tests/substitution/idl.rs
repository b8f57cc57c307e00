//! The program's interface file: what instructions there are, and which accounts they name.

use serde_json::Value;

/// The interface.
pub struct Idl {
    /// Instructions.
    pub instructions: Vec<Named>,
    /// Types of accounts: name and discriminator.
    pub types: Vec<(String, Vec<u8>)>,
}

/// An instruction.
pub struct Named {
    /// Name.
    pub name: String,
    discriminator: Vec<u8>,
    /// Accounts that it names, in order; what an instruction passes beyond them is remaining.
    pub accounts: Vec<Slot>,
}

/// An account that an instruction names.
pub struct Slot {
    /// Name.
    pub name: String,
    /// Whether it signs.
    pub is_signer: bool,
    /// Whether it is writable.
    pub is_writable: bool,
}

impl Idl {
    /// Reads `idl/breakwater.json`.
    pub fn read() -> Self {
        let idl: Value = serde_json::from_str(include_str!("../../../idl/breakwater.json")).expect("the IDL is JSON");
        let instructions = list(&idl["instructions"]).iter().map(|instruction| Named {
            name: text(&instruction["name"]),
            discriminator: bytes(&instruction["discriminator"]),
            accounts: list(&instruction["accounts"]).iter().map(slot).collect(),
        });
        let types = list(&idl["accounts"]).iter().map(|one| (text(&one["name"]), bytes(&one["discriminator"])));
        Self { instructions: instructions.collect(), types: types.collect() }
    }

    /// The instruction that some data calls.
    pub fn of(&self, data: &[u8]) -> &Named {
        let called = self.instructions.iter().find(|named| data.starts_with(&named.discriminator));
        called.expect("every instruction of the SDK is in the IDL")
    }
}

fn slot(account: &Value) -> Slot {
    let is = |flag: &str| account[flag].as_bool().unwrap_or(false);
    assert!(account["accounts"].is_null(), "a group of accounts: {account}");
    Slot { name: text(&account["name"]), is_signer: is("signer"), is_writable: is("writable") }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in the IDL")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text in the IDL").to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    list(value).iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()).expect("a byte")).collect()
}
