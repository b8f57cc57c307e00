//! Owns what commands share: the connection, the signer, the exchange as of now, and how a transaction is sent.

use crate::config::{ExchangeName, Options};
use crate::output::Output;
use crate::units::Units;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use anchor_spl::token::spl_token;
use anyhow::{bail, ensure, Context as _, Result};
use breakwater_sdk::address;
use breakwater_sdk::instruction::Tokens;
use breakwater_sdk::rpc::read::{self, ExchangeView, ReadError};
use breakwater_sdk::rpc::read_keypair;
use breakwater_sdk::rpc::send::Outgoing;
use serde_json::json;
use solana_keypair::Keypair;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_signer::Signer;
use std::path::PathBuf;

/// What every command works with.
pub struct Context {
    /// The node.
    pub client: RpcClient,
    /// Its URL.
    pub url: String,
    /// Address of the exchange; the default key where it was named by an id of a signer whose keypair cannot be read.
    pub exchange: Pubkey,
    /// How it was named.
    pub exchange_name: ExchangeName,
    keypair: PathBuf,
    is_dry_run: bool,
    price_micro_lamports: u64,
}

/// A mint as an exchange needs to know it.
#[derive(Clone, Copy, Debug)]
pub struct Mint {
    /// Address.
    pub key: Pubkey,
    /// Its token program.
    pub token_program: Pubkey,
}

impl Context {
    /// Connects; sends nothing yet.
    pub fn new(options: &Options) -> Result<Self> {
        let target = options.target()?;
        let is_url = target.url.starts_with("http://") || target.url.starts_with("https://");
        ensure!(is_url, "{} is no URL: it must begin with http:// or https://", target.url);
        let exchange = match options.exchange {
            ExchangeName::Address(key) => key,
            ExchangeName::Own(id) => {
                let creator = read_keypair(&target.keypair).ok();
                creator.map_or(Pubkey::default(), |creator| address::exchange(&creator.pubkey(), id))
            }
        };
        Ok(Self {
            client: breakwater_sdk::rpc::connect(target.url.clone()),
            url: target.url,
            exchange,
            exchange_name: options.exchange,
            keypair: target.keypair,
            is_dry_run: options.dry_run,
            price_micro_lamports: options.priority_fee,
        })
    }

    /// The keypair that pays and signs.
    pub fn keypair(&self) -> Result<Keypair> {
        Ok(read_keypair(&self.keypair)?)
    }

    /// The exchange as of now. Errors: no node, no program, no exchange; each in a sentence.
    pub async fn view(&self) -> Result<ExchangeView> {
        if self.exchange == Pubkey::default() {
            self.keypair().context("an id is that of an exchange of the signer; --exchange ADDRESS names any")?;
        }
        match read::exchange(&self.client, self.exchange).await {
            Ok(view) => Ok(view),
            Err(ReadError::Missing("exchange", key)) => {
                self.require_program().await?;
                match self.exchange_name {
                    ExchangeName::Own(id) => bail!(
                        "the signer has created no exchange {id} ({key}) at {}; --exchange ADDRESS names one of another creator",
                        self.url
                    ),
                    ExchangeName::Address(_) => bail!("there is no exchange at {key} on {}", self.url),
                }
            }
            Err(ReadError::Node(error)) => bail!("no RPC node answers at {}: {error}", self.url),
            Err(error) => Err(error.into()),
        }
    }

    /// Fails unless the program is deployed.
    pub async fn require_program(&self) -> Result<()> {
        let found = self.accounts(&[breakwater::ID]).await?;
        let is_deployed = found.first().is_some_and(|account| account.as_ref().is_some_and(|it| it.executable));
        ensure!(is_deployed, "Breakwater is not deployed at {} on {}", breakwater::ID, self.url);
        Ok(())
    }

    /// Accounts, `None` where there is none.
    pub async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<solana_account::Account>>> {
        let found = self.client.get_multiple_accounts(keys).await;
        found.with_context(|| format!("no RPC node answers at {}", self.url))
    }

    /// The signer, who must be the exchange's authority.
    pub fn authority(&self, view: &ExchangeView) -> Result<Keypair> {
        let keypair = self.keypair()?;
        let (signer, authority) = (keypair.pubkey(), view.exchange.authority);
        ensure!(signer == authority, "{signer} is not the exchange's authority, {authority} is");
        Ok(keypair)
    }

    /// A mint. Errors: it is none.
    pub async fn mint(&self, key: Pubkey) -> Result<Mint> {
        let found = self.accounts(&[key]).await?;
        let account = found.into_iter().flatten().next().with_context(|| format!("there is no mint {key}"))?;
        let is_token_program =
            account.owner == anchor_spl::token::ID || account.owner == anchor_spl::token_2022::spl_token_2022::ID;
        let base = account.data.get(..spl_token::state::Mint::LEN);
        let state = base.and_then(|base| spl_token::state::Mint::unpack(base).ok());
        ensure!(is_token_program && state.is_some(), "{key} is not a mint");
        Ok(Mint { key, token_program: account.owner })
    }

    /// The token side of a transfer from or to `owner`'s usual token account. Errors: it is of another mint, or missing.
    pub async fn tokens(&self, view: &ExchangeView, owner: &Pubkey, chosen: Option<Pubkey>) -> Result<Tokens> {
        let mint = self.mint(view.exchange.quote_mint).await?;
        let usual = get_associated_token_address_with_program_id(owner, &mint.key, &mint.token_program);
        let token_account = chosen.unwrap_or(usual);
        let found = self.accounts(&[token_account]).await?;
        let account = found.into_iter().flatten().next();
        let Some(account) = account else { bail!("there is no token account {token_account} for mint {}", mint.key) };
        let base = account.data.get(..spl_token::state::Account::LEN).context("this is no token account")?;
        let state =
            spl_token::state::Account::unpack(base).with_context(|| format!("{token_account} is no token account"))?;
        ensure!(
            state.mint == mint.key,
            "mint mismatch: {token_account} holds {}, the exchange takes {}",
            state.mint,
            mint.key
        );
        Ok(Tokens { quote_mint: mint.key, token_account, token_program: mint.token_program })
    }

    /// Units of the exchange.
    pub fn units(&self, view: &ExchangeView) -> Units {
        Units::of(view)
    }

    /// Sends one transaction, signed by `payer` and `signers`, and says what it did.
    pub async fn send(
        &self,
        what: &str,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<Output> {
        let outgoing =
            Outgoing { payer, signers, instructions, tables: &[], price_micro_lamports: self.price_micro_lamports };
        if self.is_dry_run {
            let units = outgoing
                .simulate(&self.client, Default::default())
                .await
                .with_context(|| format!("not done, '{what}'"))?;
            return Ok(Output::new(
                format!("{what}: would succeed, compute-unit limit {units}; nothing was sent"),
                json!({ "what": what, "dry_run": true, "compute_unit_limit": units }),
            ));
        }
        let signature = outgoing.send_and_confirm(&self.client).await.with_context(|| format!("not done, '{what}'"))?;
        let json = json!({ "what": what, "signature": signature.to_string() });
        Ok(Output::new(format!("{what}\nsignature {signature}"), json))
    }
}
