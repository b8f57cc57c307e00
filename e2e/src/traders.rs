//! Owns the traders of the run: pairs of a long with little margin and a short with ample. The short posts a quote at the mark
//! on the example venue, the long takes it.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::{system_program, InstructionData, ToAccountMetas};
use anchor_spl::associated_token::get_associated_token_address;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use anchor_spl::token::spl_token;
use anyhow::{Context, Result};
use breakwater::ApproveVenueArgs;
use breakwater_example_venue as venue;
use breakwater_sdk::instruction::Tokens;
use breakwater_sdk::rpc::read;
use breakwater_sdk::rpc::send::Outgoing;
use breakwater_sdk::{address, instruction as build};
use solana_keypair::Keypair;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_signer::Signer;

/// Notional of every position at the start, quote atoms: 20 000 USD.
const NOTIONAL_ATOMS: u64 = 20_000_000_000;
/// Margin of the first long and of the last, percent of the notional.
const MARGIN_PERCENT: (u64, u64) = (22, 36);
/// What an owner gets for rent.
const LAMPORTS: u64 = 10_000_000;
const MICRO: u128 = 1_000_000;

/// Who pays for everything and may mint.
pub struct Bank<'a> {
    /// The node.
    pub client: &'a RpcClient,
    /// Payer and mint authority.
    pub payer: &'a Keypair,
    /// The collateral.
    pub mint: Pubkey,
    /// The exchange.
    pub exchange: Pubkey,
}

/// A trader with a margin account.
struct Trader {
    owner: Keypair,
    account: Pubkey,
}

/// The PDA with which the venue signs.
pub fn venue_signer() -> Pubkey {
    Pubkey::find_program_address(&[venue::SIGNER_SEED], &venue::ID).0
}

impl Bank<'_> {
    /// Opens accounts for so many pairs, pays in, and lets each pair trade at the mark of a market.
    pub async fn open_pairs(&self, count: u64, market_index: u16) -> Result<()> {
        for number in 0..count {
            let (least, most) = MARGIN_PERCENT;
            let percent = least + (most - least) * number / count.saturating_sub(1).max(1);
            let long = self.open(NOTIONAL_ATOMS * percent / 100).await.context("a long's account")?;
            let short = self.open(2 * NOTIONAL_ATOMS).await.context("a short's account")?;
            self.trade(&long, &short, market_index).await.with_context(|| format!("trade {number}"))?;
        }
        Ok(())
    }

    /// A new owner's account with capital that the venue may trade for.
    async fn open(&self, capital_atoms: u64) -> Result<Trader> {
        let (owner, payer) = (Keypair::new(), self.payer.pubkey());
        let account = address::margin_account(&self.exchange, &owner.pubkey(), 0);
        let (token_program, key) = (anchor_spl::token::ID, owner.pubkey());
        let token_account = get_associated_token_address(&key, &self.mint);
        let tokens = Tokens { quote_mint: self.mint, token_account, token_program };
        let limits = ApproveVenueArgs {
            max_notional_atoms: 2 * NOTIONAL_ATOMS,
            max_cost_atoms: NOTIONAL_ATOMS / 100,
            expires_at: i64::MAX,
        };
        let instructions = [
            create_associated_token_account_idempotent(&payer, &key, &self.mint, &token_program),
            spl_token::instruction::mint_to(&token_program, &self.mint, &token_account, &payer, &[], capital_atoms)?,
            build::open_account(self.exchange, payer, key, 0),
            build::approve_venue(key, account, address::venue(&self.exchange, &venue_signer()), limits),
            build::deposit(self.exchange, key, account, tokens, capital_atoms),
        ];
        let rent = solana_system_interface::instruction::transfer(&payer, &key, LAMPORTS);
        self.send(&[instructions.to_vec(), vec![rent]].concat(), &[&owner]).await?;
        Ok(Trader { owner, account })
    }

    /// The short sells to the long at the mark, by a quote on the venue.
    async fn trade(&self, long: &Trader, short: &Trader, market_index: u16) -> Result<()> {
        let view = read::exchange(self.client, self.exchange).await?;
        let market = view.snapshot.get(market_index).context("the market is listed")?;
        let (market, price) = (market.key, market.market.state.mark);
        let lots = u64::try_from(u128::from(NOTIONAL_ATOMS) * MICRO / u128::from(price))?;
        let (number, seeds) = (0_u16, [venue::QUOTE_SEED, short.account.as_ref(), market.as_ref(), &[0, 0]]);
        let (quote, _) = Pubkey::find_program_address(&seeds, &venue::ID);
        let post = call(
            venue::accounts::PostQuote {
                maker: short.owner.pubkey(),
                maker_account: short.account,
                market,
                quote,
                system_program: system_program::ID,
            },
            venue::instruction::PostQuote { number, is_sell: true, lots, price },
        );
        let take = call(
            venue::accounts::Take {
                taker: long.owner.pubkey(),
                quote,
                signer: venue_signer(),
                venue: address::venue(&self.exchange, &venue_signer()),
                market,
                maker_account: short.account,
                taker_account: long.account,
                breakwater: breakwater::ID,
            },
            venue::instruction::Take { lots },
        );
        self.send(&[post, take], &[&short.owner, &long.owner]).await
    }

    async fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<()> {
        let outgoing = Outgoing { signers, ..Outgoing::of(self.payer, instructions) };
        outgoing.send_and_confirm(self.client).await?;
        Ok(())
    }
}

fn call(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction { program_id: venue::ID, accounts: accounts.to_account_metas(None), data: data.data() }
}
