//! What must hold at the end, as read over JSON-RPC.

use anchor_lang::prelude::Pubkey;
use anyhow::{bail, ensure, Result};
use breakwater::MarginAccount;
use breakwater_risk::tier::Tier;
use breakwater_sdk::actions::{self, Around};
use breakwater_sdk::rpc::read;
use breakwater_sdk::view::used_legs;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use std::time::{Duration, Instant};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Waits until no account is under maintenance that the rules allow to be acted on. Returns how many are under maintenance
/// at all. Errors: it takes longer than `limit`; the message names the accounts and what could be done.
pub async fn nothing_left_to_do(
    client: &RpcClient,
    exchange: Pubkey,
    keepers: &[Pubkey],
    limit: Duration,
) -> Result<usize> {
    let started = Instant::now();
    loop {
        let (under, open) = look(client, exchange, keepers).await?;
        if open.is_empty() {
            return Ok(under);
        }
        ensure!(started.elapsed() < limit, "still to do after {limit:?}:\n{}", open.join("\n"));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(client: &RpcClient, exchange: Pubkey, keepers: &[Pubkey]) -> Result<(usize, Vec<String>)> {
    let accounts = read::margin_accounts(client, exchange).await?;
    let view = read::exchange(client, exchange).await?;
    let taker = accounts.iter().map(|(_, account)| account).find(|account| keepers.contains(&account.owner));
    let around = Around {
        snapshot: &view.snapshot,
        backstop: view.backstop.as_ref(),
        taker: taker.map(Into::into),
        fund: &view.insurance.state,
    };
    let (mut under, mut open) = (0, Vec::new());
    for (key, account) in accounts.iter().filter(|(_, account)| !account.state.is_backstop()) {
        let standing = match actions::standing(&around, account, &view.now) {
            Ok(standing) => standing,
            Err(error) => bail!("{key}: {error}"),
        };
        if standing.tier != Tier::Healthy {
            under += 1;
            if !standing.actions.is_empty() {
                open.push(format!("{key} is {:?}: {:?}", standing.tier, standing.actions));
            }
        }
    }
    Ok((under, open))
}

/// Lots and capital over an owner's accounts, and the number of all accounts.
pub async fn holdings(client: &RpcClient, exchange: Pubkey, owner: Pubkey, market: u16) -> Result<(i64, i64, i64)> {
    let accounts = read::margin_accounts(client, exchange).await?;
    let own: Vec<&MarginAccount> = accounts.iter().map(|(_, it)| it).filter(|it| it.owner == owner).collect();
    let legs = own.iter().flat_map(|account| used_legs(account));
    let lots = legs.filter(|leg| leg.market_index == market).map(|leg| leg.lots).sum();
    let capital: u64 = own.iter().map(|account| account.state.capital_atoms).sum();
    Ok((lots, i64::try_from(capital)?, i64::try_from(accounts.len())?))
}
