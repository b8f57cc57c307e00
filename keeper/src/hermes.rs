//! Owns prices from a Hermes server and their way on chain: Pyth's receiver takes an update that all signatures of the
//! Wormhole guardians stand behind, since the program accepts nothing less (spec P-11). The signatures do not fit one
//! transaction with an act: the first part is written before, the rest, the check, the price, the refresh and the act
//! stand together, and the rent of both accounts comes back at the end.
//!
//! Instructions and layouts: Pyth's receiver and Wormhole's core bridge, as their interfaces describe them.

use crate::price::Refresh;
use anchor_lang::prelude::{AccountDeserialize, AccountMeta, AccountSerialize, Pubkey};
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use anyhow::{ensure, Context, Result};
use base64::prelude::{Engine, BASE64_STANDARD};
use borsh::BorshSerialize;
use breakwater_sdk::address::PYTH_RECEIVER;
use breakwater_sdk::price::PriceAccount;
use pyth_solana_receiver_sdk::config::Config;
use pyth_solana_receiver_sdk::pda::{get_config_address, get_treasury_address};
use pyth_solana_receiver_sdk::price_update::{PriceUpdateV2, VerificationLevel};
use pyth_solana_receiver_sdk::PostUpdateParams;
use pythnet_sdk::messages::{Message, PriceFeedMessage};
use pythnet_sdk::wire::from_slice;
use pythnet_sdk::wire::v1::{AccumulatorUpdateData, MerklePriceUpdate, Proof};
use serde::Deserialize;
use solana_keypair::Keypair;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_sha256_hasher::hash;
use solana_signer::Signer;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of an encoded VAA's account before the VAA.
const VAA_HEADER_BYTES: usize = 46;
/// Bytes of a VAA that fit the first transaction, beside the creation of the account.
const VAA_SPLIT: usize = 792;
/// One of the 256 treasuries, between which the write load is spread by chance.
const TREASURIES: std::ops::RangeInclusive<u8> = 0..=u8::MAX;
/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A Hermes server.
pub struct Hermes {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
    wormhole: Pubkey,
}

/// The price of a feed with what proves it.
#[derive(Clone, Debug)]
pub struct Update {
    message: PriceFeedMessage,
    vaa: Arc<Vec<u8>>,
    proof: MerklePriceUpdate,
    wormhole: Pubkey,
}

#[derive(Deserialize)]
struct Answer {
    binary: Binary,
}

#[derive(Deserialize)]
struct Binary {
    data: Vec<String>,
}

impl Hermes {
    /// A server, the environment variable with its key, and a node to ask which core bridge Pyth's receiver trusts. Errors: the
    /// receiver is not on the node's cluster, or no HTTP client can be made.
    pub async fn new(url: &str, key_variable: &str, client: &RpcClient) -> Result<Self> {
        let address = get_config_address();
        let config =
            client.get_account_data(&address).await.with_context(|| format!("Pyth's receiver at {address}"))?;
        let wormhole = Config::try_deserialize(&mut config.as_slice())?.wormhole;
        let key = std::env::var(key_variable).ok().filter(|key| !key.is_empty());
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), key, wormhole })
    }

    /// The newest updates of feeds. Errors: no answer, or one that cannot be read.
    pub async fn latest(&self, feeds: &[[u8; 32]]) -> Result<Vec<Update>> {
        if feeds.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = feeds.iter().map(|feed| ("ids[]", hex::encode(feed))).collect();
        let url = format!("{}/v2/updates/price/latest", self.url);
        let mut request = self.http.get(url).query(&[("encoding", "base64")]).query(&ids);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        // Without its URL: that may hold a key.
        let answer = request.send().await.and_then(|answer| answer.error_for_status());
        let answer: Answer = answer.map_err(|error| error.without_url()).context("Hermes")?.json().await?;
        let mut updates = Vec::new();
        for data in &answer.binary.data {
            updates.extend(read(&BASE64_STANDARD.decode(data).context("Hermes' answer")?, self.wormhole)?);
        }
        Ok(updates)
    }
}

/// The updates of an accumulator's message.
fn read(bytes: &[u8], wormhole: Pubkey) -> Result<Vec<Update>> {
    let data = AccumulatorUpdateData::try_from_slice(bytes).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let Proof::WormholeMerkle { vaa, updates } = data.proof;
    let vaa = Arc::new(Vec::from(vaa));
    let mut found = Vec::new();
    for proof in updates {
        let message: Vec<u8> = proof.message.clone().into();
        match from_slice::<byteorder::BE, Message>(&message).map_err(|error| anyhow::anyhow!("{error:?}"))? {
            Message::PriceFeedMessage(message) => found.push(Update { message, vaa: vaa.clone(), proof, wormhole }),
            _ => continue,
        }
    }
    Ok(found)
}

impl Update {
    /// The account that a posting will leave, as the program will read it.
    pub fn as_account(&self) -> PriceAccount {
        let update = PriceUpdateV2 {
            write_authority: Pubkey::default(),
            verification_level: VerificationLevel::Full,
            price_message: self.message,
            posted_slot: 0,
        };
        let mut data = Vec::with_capacity(PriceUpdateV2::LEN);
        // Writing to a vector does not fail; were it to, the data would be refused as unreadable.
        let _ = update.try_serialize(&mut data);
        PriceAccount { key: Pubkey::default(), owner: PYTH_RECEIVER, data }
    }

    /// The account that will hold the price, and what must stand around an act that reads it. Errors: the VAA is not one that a
    /// guardian set signed.
    pub fn posting(&self, payer: Pubkey) -> Result<(Pubkey, Refresh)> {
        let index = self.vaa.get(1..5).context("the VAA is too short")?;
        let (guardian_set, _) = Pubkey::find_program_address(&[b"GuardianSet", index], &self.wormhole);
        let (encoded, price) = (Keypair::new(), Keypair::new());
        let (vaa_account, price_account) = (encoded.pubkey(), price.pubkey());
        ensure!(self.vaa.len() > VAA_SPLIT, "the VAA is too short to hold the signatures of a quorum");
        let (first, rest) = self.vaa.split_at(VAA_SPLIT);
        let space = VAA_HEADER_BYTES + self.vaa.len();
        let writer = || vec![AccountMeta::new_readonly(payer, true), AccountMeta::new(vaa_account, false)];
        let bridge =
            |name: &str, accounts: Vec<AccountMeta>, arguments: &[u8]| call(self.wormhole, name, accounts, arguments);
        let write = |index: usize, data: &[u8]| -> Result<Instruction> {
            let arguments = borsh::to_vec(&(u32::try_from(index)?, data.to_vec()))?;
            Ok(bridge("write_encoded_vaa", writer(), &arguments))
        };
        let before = vec![
            self.create_account(payer, vaa_account, space)?,
            bridge("init_encoded_vaa", writer(), &[]),
            write(0, first)?,
        ];
        let mut check = writer();
        check.push(AccountMeta::new_readonly(guardian_set, false));
        let with = vec![
            write(VAA_SPLIT, rest)?,
            bridge("verify_encoded_vaa_v1", check, &[]),
            self.post(payer, vaa_account, price_account)?,
        ];
        let owner = || AccountMeta::new(payer, true);
        let after = vec![
            call(PYTH_RECEIVER, "reclaim_rent", vec![owner(), AccountMeta::new(price_account, false)], &[]),
            bridge("close_encoded_vaa", vec![owner(), AccountMeta::new(vaa_account, false)], &[]),
        ];
        Ok((price_account, Refresh { before, with, after, before_signers: vec![encoded], signers: vec![price] }))
    }

    fn post(&self, payer: Pubkey, vaa_account: Pubkey, price_account: Pubkey) -> Result<Instruction> {
        let treasury_id = rand::random_range(TREASURIES);
        let params = PostUpdateParams { merkle_price_update: self.proof.clone(), treasury_id };
        let accounts = vec![
            AccountMeta::new(payer, true),
            AccountMeta::new_readonly(vaa_account, false),
            AccountMeta::new_readonly(get_config_address(), false),
            AccountMeta::new(get_treasury_address(treasury_id), false),
            AccountMeta::new(price_account, true),
            AccountMeta::new_readonly(system_program::ID, false),
            AccountMeta::new_readonly(payer, true),
        ];
        let mut arguments = Vec::new();
        BorshSerialize::serialize(&params, &mut arguments)?;
        Ok(call(PYTH_RECEIVER, "post_update", accounts, &arguments))
    }

    fn create_account(&self, payer: Pubkey, account: Pubkey, space: usize) -> Result<Instruction> {
        let lamports = solana_rent::Rent::default().minimum_balance(space);
        let space = u64::try_from(space)?;
        Ok(solana_system_interface::instruction::create_account(&payer, &account, lamports, space, &self.wormhole))
    }
}

/// An instruction of an Anchor program.
fn call(program_id: Pubkey, name: &str, accounts: Vec<AccountMeta>, arguments: &[u8]) -> Instruction {
    let digest = hash(format!("global:{name}").as_bytes()).to_bytes();
    let data = digest.iter().take(8).chain(arguments).copied().collect();
    Instruction { program_id, accounts, data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_message::{v0, AddressLookupTableAccount, Hash, VersionedMessage};
    use solana_transaction::versioned::VersionedTransaction;

    const FEED: [u8; 32] = [7; 32];
    const WORMHOLE: Pubkey = Pubkey::new_from_array([5; 32]);

    /// An accumulator's message as Hermes sends it: a VAA of 13 signatures and a proof of 10 hashes.
    fn message() -> Vec<u8> {
        let price = PriceFeedMessage {
            feed_id: FEED,
            price: 15_000_000_000,
            conf: 10_000_000,
            exponent: -8,
            publish_time: 1_760_000_000,
            prev_publish_time: 1_759_999_999,
            ema_price: 15_000_000_000,
            ema_conf: 10_000_000,
        };
        let bytes = pythnet_sdk::wire::to_vec::<_, byteorder::BE>(&Message::PriceFeedMessage(price)).unwrap();
        let mut vaa = vec![1, 0, 0, 0, 4, 13];
        vaa.resize(6 + 13 * 66 + 51 + 37, 9);
        let proof = pythnet_sdk::accumulators::merkle::MerklePath::new(vec![[3; 20]; 10]);
        let updates = vec![MerklePriceUpdate { message: bytes.into(), proof }];
        let data = AccumulatorUpdateData::new(Proof::WormholeMerkle { vaa: vaa.into(), updates });
        pythnet_sdk::wire::to_vec::<_, byteorder::BE>(&data).unwrap()
    }

    fn size(payer: &Keypair, signers: &[Keypair], instructions: &[Instruction], table: Vec<Pubkey>) -> usize {
        let table = AddressLookupTableAccount { key: Pubkey::new_unique(), addresses: table };
        let budget = solana_compute_budget_interface::ComputeBudgetInstruction::set_compute_unit_limit(1);
        let price = solana_compute_budget_interface::ComputeBudgetInstruction::set_compute_unit_price(1);
        let all = [vec![budget, price], instructions.to_vec()].concat();
        let message = v0::Message::try_compile(&payer.pubkey(), &all, &[table], Hash::default()).unwrap();
        let signers: Vec<&Keypair> = std::iter::once(payer).chain(signers).collect();
        let transaction = VersionedTransaction::try_new(VersionedMessage::V0(message), &signers).unwrap();
        bincode::serialize(&transaction).unwrap().len()
    }

    #[test]
    fn an_update_is_read_and_posted_in_two_transactions_that_fit() {
        let update = read(&message(), WORMHOLE).unwrap().remove(0);
        assert_eq!(update.message.feed_id, FEED);
        let payer = Keypair::new();
        let (price_account, posting) = update.posting(payer.pubkey()).unwrap();
        let first = size(&payer, &posting.before_signers, &posting.before, Vec::new());
        assert!(first <= 1_232, "{first}");
        // The second one with a liquidation, and a table of what is the same in every transaction.
        let (exchange, market) = (breakwater_sdk::address::exchange(&Pubkey::default(), 0), Pubkey::new_unique());
        let failing = Pubkey::new_unique();
        let refresh = breakwater_sdk::instruction::refresh_market(exchange, market, price_account);
        let act = breakwater_sdk::instruction::liquidate(
            payer.pubkey(),
            market,
            failing,
            Pubkey::new_unique(),
            &[Pubkey::new_unique()],
        );
        let instructions = [posting.with, vec![refresh, act], posting.after].concat();
        let table = breakwater_sdk::lookup::table_keys(&instructions);
        let changing = [price_account, posting.before_signers[0].pubkey(), failing];
        let fixed = table.into_iter().filter(|key| !changing.contains(key)).collect();
        let second = size(&payer, &posting.signers, &instructions, fixed);
        assert!(second <= 1_232, "{second}");
    }

    #[test]
    fn what_hermes_says_is_what_the_program_will_read() {
        let update = read(&message(), WORMHOLE).unwrap().remove(0);
        let mut market: breakwater::Market = bytemuck::Zeroable::zeroed();
        market.feed_id = FEED;
        market.lot_exponent = -5;
        let mut exchange: breakwater::Exchange = bytemuck::Zeroable::zeroed();
        exchange.receivers[0] = PYTH_RECEIVER;
        exchange.quote_decimals = 6;
        let seen = update.as_account().for_market(&exchange, &market).unwrap();
        assert_eq!((seen.price, seen.publish_time), (1_500_000_000, 1_760_000_000), "150 USD a SOL, 1500 atoms a lot");
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(read(b"rubbish", WORMHOLE).is_err());
    }
}
