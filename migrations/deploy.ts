// Creates the exchange that exchange.toml describes, and what of it is missing; a second run changes nothing.
// `npm run migrate` runs it, with ANCHOR_PROVIDER_URL and ANCHOR_WALLET; `anchor run migrate` and `anchor migrate` do so, too.
// BREAKWATER_EXCHANGE names another settings file, BREAKWATER_CLI the command-line tool.
//
// Whatever can be known to fail is checked before the first transaction. Each step is one transaction that leaves the exchange
// whole, so a run may be cut off anywhere.

import { resolve } from "node:path";
import { AnchorProvider, BN, setProvider } from "@anchor-lang/core";
import {
  MINT_SIZE,
  TOKEN_PROGRAM_ID,
  createAssociatedTokenAccountIdempotentInstruction,
  createInitializeMint2Instruction,
  createMintToInstruction,
  getAccount,
  getAssociatedTokenAddressSync,
  getMint,
} from "@solana/spl-token";
import { Keypair, PublicKey, SystemProgram, type TransactionInstruction } from "@solana/web3.js";
import * as client from "../clients/ts/src/index.ts";
import { type CheckedMarket, type Cluster, RECEIVERS, type Settings, checkMarkets, clusterOf, fail, readSettings } from "./settings.ts";

/** Decimals of the test mint, and how much of it the deployer of a local chain gets. */
const TEST_DECIMALS = 6;
const TEST_SUPPLY = "10000000";
/** The id in this source, whose key is public (docs/deploy.md): on a public cluster anybody may have deployed there. */
const PUBLIC_ID = "8qGvqgKSaxA68rYyxkm3uLHqhmHD58NSWv77kNrc1xQt";

class Migration {
  readonly program;
  readonly exchange: PublicKey;
  changes = 0;

  constructor(
    readonly provider: AnchorProvider,
    readonly settings: Settings,
    readonly markets: CheckedMarket[],
    readonly cluster: Cluster,
  ) {
    this.program = client.breakwater(provider);
    const creator = settings.creator === "" ? this.wallet : new PublicKey(settings.creator);
    this.exchange = client.exchangeAddress(creator, settings.id);
  }

  get wallet(): PublicKey {
    return this.provider.wallet.publicKey;
  }

  async run(): Promise<void> {
    await this.requireProgram();
    await this.preflight();
    await this.createExchange();
    const exchange = await this.program.account.exchange.fetch(this.exchange);
    const mint = exchange.quoteMint;
    if (exchange.pendingAuthority.equals(this.wallet) && !exchange.authority.equals(this.wallet)) {
      const accept = this.program.methods.acceptAuthority();
      const accounts = { pendingAuthority: this.wallet, exchange: this.exchange };
      await this.send(`authority accepted by ${this.wallet}`, [await accept.accountsStrict(accounts).instruction()]);
    }
    await this.createBackstop();
    await this.createMarkets(mint, exchange.quoteDecimals);
    await this.registerVenues();
    await this.handOver();
    this.say("exchange", this.exchange);
    this.say("quote mint", mint);
    this.say("vault", client.vaultAddress(this.exchange));
    this.say("insurance fund", client.insuranceAddress(this.exchange));
    this.say("backstop", client.backstopAddress(this.exchange));
    this.markets.forEach((market, index) => {
      this.say(`market ${index}  ${market.file}`, client.marketAddress(this.exchange, index));
    });
    console.log(this.changes === 0 ? "nothing to do: all of it was there" : `${this.changes} transactions`);
  }

  private say(name: string, key: PublicKey): void {
    console.log(`${name.padEnd(28)} ${key.toBase58()}`);
  }

  private async send(what: string, instructions: TransactionInstruction[], signers: Keypair[] = []): Promise<void> {
    const signature = await client.sendAndFollow(this.provider, instructions, signers);
    this.changes += 1;
    console.log(`created    ${what}  ${signature}`);
  }

  private async exists(key: PublicKey): Promise<boolean> {
    return (await this.provider.connection.getAccountInfo(key)) !== null;
  }

  private async requireProgram(): Promise<void> {
    if (this.cluster !== "localnet" && client.PROGRAM_ID.toBase58() === PUBLIC_ID) {
      fail(`the key of program ${PUBLIC_ID} is public: deploy under an id of your own (docs/deploy.md)`);
    }
    const account = await this.provider.connection.getAccountInfo(client.PROGRAM_ID);
    if (!account?.executable) fail(`Breakwater is not deployed at ${client.PROGRAM_ID.toBase58()} on this cluster`);
  }

  /** Whatever would let a later step fail: another mint or market than the settings say, a wallet that is not the authority or
   * cannot pay the seeds and bonds. */
  private async preflight(): Promise<void> {
    const wanted = this.settings.quote_mint[this.cluster];
    const exchange = await this.program.account.exchange.fetchNullable(this.exchange);
    if (exchange && wanted !== "create" && wanted !== exchange.quoteMint.toBase58()) {
      fail(`mint mismatch: the exchange takes ${exchange.quoteMint.toBase58()}, exchange.toml says ${wanted}`);
    }
    const missing: string[] = [];
    let cash = 0n;
    const mint = exchange?.quoteMint ?? (wanted === "create" ? undefined : new PublicKey(wanted));
    const decimals = mint ? (await getMint(this.provider.connection, mint, undefined, await this.tokenProgram(mint))).decimals : TEST_DECIMALS;
    if (exchange && !(await this.exists(client.backstopAddress(this.exchange)))) missing.push("the backstop");
    for (const [index, market] of this.markets.entries()) {
      const found = await this.program.account.market.fetchNullable(client.marketAddress(this.exchange, index));
      if (found) {
        this.requireSame(index, found, market);
      } else {
        missing.push(market.file);
        cash += client.toAtoms(this.settings.market_seed, decimals) + client.toAtoms(this.settings.market_bond, decimals);
      }
    }
    for (const venue of this.settings.venues) {
      if (!(await this.exists(client.venueAddress(this.exchange, new PublicKey(venue))))) missing.push(`venue ${venue}`);
    }
    const successor = this.settings.new_authority;
    if (exchange && successor !== "" && ![exchange.authority, exchange.pendingAuthority].some((key) => key.toBase58() === successor)) {
      missing.push(`the proposal of ${successor} as the authority`);
    }
    if (exchange && missing.length > 0 && ![exchange.authority, exchange.pendingAuthority].some((key) => key.equals(this.wallet))) {
      fail(`${this.wallet} is not the exchange's authority, ${exchange.authority} is, and there is to do: ${missing.join(", ")}`);
    }
    if (mint && cash > 0n) await this.requireCash(mint, decimals, cash);
  }

  private async requireCash(mint: PublicKey, decimals: number, atoms: bigint): Promise<void> {
    const tokenProgram = await this.tokenProgram(mint);
    const source = getAssociatedTokenAddressSync(mint, this.wallet, true, tokenProgram);
    const account = await getAccount(this.provider.connection, source, undefined, tokenProgram).catch(() => undefined);
    const held = account?.amount ?? 0n;
    if (held < atoms) {
      const [has, needs] = [held, atoms].map((amount) => client.fromAtoms(amount, decimals));
      fail(`the markets' seeds and bonds are ${needs} of ${mint}, ${this.wallet} holds ${has} in ${source}`);
    }
  }

  /** Another feed or lot under a market's index than its file has is an error. */
  private requireSame(index: number, found: { feedId: number[]; lotExponent: number }, wanted: CheckedMarket): void {
    const feed = Buffer.from(found.feedId).toString("hex");
    if (feed !== wanted.feed_id || found.lotExponent !== wanted.lot_exponent) {
      fail(`market ${index} is another one than ${wanted.file}: feed ${feed}, lot 10^${found.lotExponent}`);
    }
  }

  private async createExchange(): Promise<void> {
    if (await this.exists(this.exchange)) return console.log("unchanged  exchange with its insurance fund");
    if (this.settings.creator !== "" && this.settings.creator !== this.wallet.toBase58()) {
      fail(`there is no exchange ${this.settings.id} of ${this.settings.creator}, and only that key can create it`);
    }
    const wanted = this.settings.quote_mint[this.cluster];
    const test = wanted === "create" ? Keypair.generate() : undefined;
    const mint = test?.publicKey ?? new PublicKey(wanted);
    const tokenProgram = test ? TOKEN_PROGRAM_ID : await this.tokenProgram(mint);
    const decimals = test ? TEST_DECIMALS : (await getMint(this.provider.connection, mint, undefined, tokenProgram)).decimals;
    const receivers = this.settings.receivers.map((key) => new PublicKey(key));
    while (receivers.length < RECEIVERS) receivers.push(PublicKey.default);
    const create = this.program.methods
      .initializeExchange({
        id: this.settings.id,
        receivers,
        legacyOracle: PublicKey.default,
        outflowWindowSeconds: this.settings.outflow_window_seconds,
        outflowLimitPpm: this.settings.outflow_limit_ppm,
        outflowGuaranteedAtoms: new BN(client.toAtoms(this.settings.outflow_guaranteed, decimals).toString()),
      })
      .accountsStrict({
        payer: this.wallet,
        authority: this.wallet,
        exchange: this.exchange,
        quoteMint: mint,
        vault: client.vaultAddress(this.exchange),
        insurance: client.insuranceAddress(this.exchange),
        tokenProgram,
        systemProgram: SystemProgram.programId,
      });
    // The test mint comes with the exchange or not at all: a run that is cut off leaves no mint without one.
    const before = test ? await this.testMint(test) : [];
    await this.send("exchange with its insurance fund", [...before, await create.instruction()], test ? [test] : []);
  }

  private async testMint(mint: Keypair): Promise<TransactionInstruction[]> {
    const [payer, key] = [this.wallet, mint.publicKey];
    const own = getAssociatedTokenAddressSync(key, payer);
    const lamports = await this.provider.connection.getMinimumBalanceForRentExemption(MINT_SIZE);
    const space = { space: MINT_SIZE, lamports, programId: TOKEN_PROGRAM_ID };
    return [
      SystemProgram.createAccount({ fromPubkey: payer, newAccountPubkey: key, ...space }),
      createInitializeMint2Instruction(key, TEST_DECIMALS, payer, null),
      createAssociatedTokenAccountIdempotentInstruction(payer, own, payer, key),
      createMintToInstruction(key, own, payer, client.toAtoms(TEST_SUPPLY, TEST_DECIMALS)),
    ];
  }

  private async tokenProgram(mint: PublicKey): Promise<PublicKey> {
    const account = await this.provider.connection.getAccountInfo(mint);
    return account?.owner ?? fail(`there is no mint ${mint.toBase58()} on this cluster`);
  }

  private async createBackstop(): Promise<void> {
    const backstop = client.backstopAddress(this.exchange);
    if (await this.exists(backstop)) return console.log("unchanged  backstop");
    const create = this.program.methods.createBackstop(this.settings.backstop_loss_line_ppm).accountsStrict({
      authority: this.wallet,
      exchange: this.exchange,
      backstop,
      backstopAccount: client.backstopAccountAddress(this.exchange),
      systemProgram: SystemProgram.programId,
    });
    await this.send("backstop", [await create.instruction()]);
  }

  private async createMarkets(mint: PublicKey, decimals: number): Promise<void> {
    const tokenProgram = await this.tokenProgram(mint);
    for (const [index, market] of this.markets.entries()) {
      const key = client.marketAddress(this.exchange, index);
      if (await this.exists(key)) {
        await this.compare(index, key, market);
        continue;
      }
        const source = getAssociatedTokenAddressSync(mint, this.wallet, true, tokenProgram);
      const create = this.program.methods
        .createMarket({
          feedId: [...Buffer.from(market.feed_id, "hex")],
          legacyPriceAccount: PublicKey.default,
          lotExponent: market.lot_exponent,
          seedAtoms: new BN(client.toAtoms(this.settings.market_seed, decimals).toString()),
          bondAtoms: new BN(client.toAtoms(this.settings.market_bond, decimals).toString()),
          params: [...Buffer.from(market.params_hex, "hex")],
        })
        .accountsStrict({
          authority: this.wallet,
          exchange: this.exchange,
          market: key,
          quoteMint: mint,
          source,
          vault: client.vaultAddress(this.exchange),
          tokenProgram,
          systemProgram: SystemProgram.programId,
        });
      await this.send(`market ${index} of ${market.file}`, [await create.instruction()]);
    }
  }

  /** Says how a market that is there differs from its file. */
  private async compare(index: number, key: PublicKey, wanted: CheckedMarket): Promise<void> {
    const found = await this.program.account.market.fetch(key);
    const params = this.program.coder.types.encode("marketParams", found.state.params).toString("hex");
    const verdict = params === wanted.params_hex ? "" : "; its parameters differ: `breakwater params propose` changes them";
    console.log(`unchanged  market ${index} of ${wanted.file}${verdict}`);
  }

  private async registerVenues(): Promise<void> {
    for (const text of this.settings.venues) {
      const venueSigner = new PublicKey(text);
      const venue = client.venueAddress(this.exchange, venueSigner);
      if (await this.exists(venue)) {
        console.log(`unchanged  venue ${text}`);
        continue;
      }
        const register = this.program.methods.registerVenue().accountsStrict({
        authority: this.wallet,
        exchange: this.exchange,
        venueSigner,
        venue,
        systemProgram: SystemProgram.programId,
      });
      await this.send(`venue ${text}`, [await register.instruction()]);
    }
  }

  private async handOver(): Promise<void> {
    if (this.settings.new_authority === "") return;
    const wanted = new PublicKey(this.settings.new_authority);
    const { authority, pendingAuthority } = await this.program.account.exchange.fetch(this.exchange);
    if (authority.equals(wanted)) return console.log(`unchanged  authority ${wanted.toBase58()}`);
    if (pendingAuthority.equals(wanted)) {
      return console.log(`unchanged  authority proposed to ${wanted.toBase58()}, who has not accepted yet`);
    }
    const propose = this.program.methods.proposeAuthority(wanted);
    const accounts = { authority: this.wallet, exchange: this.exchange };
    await this.send(`proposal of the authority ${wanted.toBase58()}`, [await propose.accountsStrict(accounts).instruction()]);
  }
}

async function migrate(provider: AnchorProvider): Promise<void> {
  setProvider(provider);
  const settingsFile = process.env.BREAKWATER_EXCHANGE ?? resolve(__dirname, "exchange.toml");
  const settings = readSettings(settingsFile);
  const markets = checkMarkets(settings, settingsFile);
  const url = provider.connection.rpcEndpoint;
  const genesis = await provider.connection.getGenesisHash().catch(() => fail(`no RPC node answers at ${url}`));
  await new Migration(provider, settings, markets, clusterOf(genesis, url)).run();
}

/** Runs it; an error is a sentence and a non-zero exit. `anchor migrate` calls this and waits for nothing. */
const run = (provider: AnchorProvider): Promise<void> =>
  migrate(provider).catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  });

module.exports = run;

if (require.main === module) {
  if (process.env.ANCHOR_PROVIDER_URL && process.env.ANCHOR_WALLET) {
    void run(AnchorProvider.env());
  } else {
    console.error("error: ANCHOR_PROVIDER_URL and ANCHOR_WALLET must say where to deploy and who pays");
    process.exitCode = 1;
  }
}
