//! The chain as a process: it answers as a validator does, its clock runs at the speed asked for, and it ends cleanly.

use serde_json::{json, Value};
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ADDRESS: &str = "8qGvqgKSaxA68rYyxkm3uLHqhmHD58NSWv77kNrc1xQt";

/// A running chain; dropped, it is killed.
struct Chain {
    child: Child,
    rpc_port: u16,
    ws_port: u16,
}

impl Chain {
    /// Starts it and waits until it says that it is ready.
    fn start(arguments: &[&str]) -> Self {
        let (rpc_port, ws_port) = (free_port(), free_port());
        let mut child =
            command(rpc_port, ws_port, arguments).stdout(Stdio::piped()).spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with("ready ")), "the chain ended before it was ready");
        Self { child, rpc_port, ws_port }
    }

    /// Result of a JSON-RPC call.
    fn call(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let url = format!("http://127.0.0.1:{}", self.rpc_port);
        let post = minreq::post(url).with_header("Content-Type", "application/json").with_body(request.to_string());
        let answer = post.send().expect("the chain answers");
        let answer: Value = serde_json::from_str(answer.as_str().expect("text")).expect("JSON");
        answer.get("result").cloned().unwrap_or_else(|| panic!("{method}: {answer}"))
    }

    fn slot(&self) -> u64 {
        self.call("getSlot", json!([{ "commitment": "processed" }])).as_u64().expect("a slot")
    }

    /// Asks it to end and returns its exit code.
    fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the chain still runs ten seconds after SIGTERM");
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(rpc_port: u16, ws_port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakwater-localnet"));
    command.args(["--rpc-port", &rpc_port.to_string(), "--ws-port", &ws_port.to_string()]).args(arguments);
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Exit code and stderr of a chain that refuses to start.
fn refusal(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut text = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut text).expect("text");
    (child.wait().expect("it ends").code(), text)
}

#[test]
fn it_answers_gives_what_was_asked_for_and_ends_cleanly() {
    let chain = Chain::start(&["--airdrop", &format!("{ADDRESS}=12")]);
    assert_eq!(chain.call("getHealth", json!([])), "ok");
    assert_eq!(chain.call("getBalance", json!([ADDRESS]))["value"], 12_000_000_000_u64);
    let signature = chain.call("requestAirdrop", json!([ADDRESS, 3_000_000_000_u64]));
    assert!(signature.as_str().is_some_and(|text| text.len() > 80), "{signature}");
    assert_eq!(chain.call("getBalance", json!([ADDRESS]))["value"], 15_000_000_000_u64);
    assert!(TcpStream::connect(("127.0.0.1", chain.ws_port)).is_ok(), "the WebSocket listens");
    assert_eq!(chain.terminate(), Some(0));
}

/// A loaded machine makes it slower, never faster than asked for.
#[test]
fn its_slots_come_at_the_speed_asked_for() {
    let chain = Chain::start(&["--speed", "10"]);
    let (start, first) = (Instant::now(), chain.slot());
    std::thread::sleep(Duration::from_secs(3));
    let slots = chain.slot() - first;
    let most = start.elapsed().as_millis() as u64 / 40 + 2;
    assert!((15..=most).contains(&slots), "{slots} slots, at most {most} were due");
}

#[test]
fn a_taken_port_and_a_missing_program_are_refused_with_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let (code, text) = refusal(command(port, free_port(), &[]));
    assert_eq!(code, Some(1));
    assert!(text.contains(&format!("cannot listen at 127.0.0.1:{port}")), "{text}");

    let (code, text) = refusal(command(free_port(), free_port(), &["--program", &format!("{ADDRESS}=/nowhere.so")]));
    assert_eq!(code, Some(1));
    assert!(text.contains("/nowhere.so"), "{text}");

    let (code, text) = refusal(command(free_port(), free_port(), &["--speed", "0"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("--speed"), "{text}");
}
