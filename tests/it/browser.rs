//! A headless Chromium driven over its debugging pipe: JSON messages, each
//! ended by a NUL byte, on two file descriptors. No network, no port.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Set by `.ci/run`: a missing browser or a missing axe-core is then a failure.
const REQUIRED: &str = "ENTOBS_BROWSER_TESTS";
/// How long a page may take to do what a test waits for, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One page of one browser, without network; what it said in its console and
/// what it asked of the network is kept.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    next: u64,
    session: String,
    profile: tempfile::TempDir,
    /// Errors and warnings of the console, exceptions.
    pub faults: Vec<String>,
    /// Addresses asked for.
    pub requests: Vec<String>,
}

fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.exists())
}

/// Skips aloud, or fails where the tests are required.
pub fn missing(what: &str) {
    assert!(std::env::var_os(REQUIRED).is_none(), "{what} is missing");
    eprintln!("SKIPPED: {what} is missing; see .ci/run");
}

/// The text of axe-core where `.ci/run` put it.
pub fn axe() -> Option<String> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let file = cache.or(home)?.join("entobs/axe-core-4.14.1/axe.min.js");
    std::fs::read_to_string(file).ok()
}

impl Browser {
    /// None where there is no browser.
    pub fn open() -> Option<Self> {
        let program = program()?;
        let profile = tempfile::tempdir().unwrap();
        let folder = profile.path().display();
        // The pipe is on descriptors 3 (to the browser) and 4 (from it).
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
            ])
            .arg(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-pipe",
            ])
            .args([
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
            ])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--lang=fr"])
            .arg(format!("--user-data-dir={folder}/profile"))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while reader
                .read_until(0, &mut message)
                .is_ok_and(|read| read > 0)
            {
                message.pop();
                let value = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if sender.send(value).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            input: child.stdin.take().unwrap(),
            child,
            output,
            next: 0,
            session: String::new(),
            profile,
            faults: Vec::new(),
            requests: Vec::new(),
        };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach);
        self.session = session["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.call("Network.emulateNetworkConditions", offline);
        let folder = self.downloads();
        std::fs::create_dir(&folder).unwrap();
        let behaviour = json!({ "behavior": "allow", "downloadPath": folder });
        self.call("Page.setDownloadBehavior", behaviour);
    }

    fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// A command of the protocol and its result.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).unwrap();
        loop {
            let answer = self.output.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|_| panic!("no answer to {method}"));
            if answer["id"] == json!(self.next) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.note(&answer);
        }
    }

    fn note(&mut self, event: &Value) {
        let said = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.faults.push(said["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if said["type"] != "log" => {
                self.faults.push(said["args"].to_string());
            }
            "Log.entryAdded" => self.faults.push(said["entry"].to_string()),
            "Network.requestWillBeSent" => {
                let url = said["request"]["url"].as_str().unwrap_or_default();
                self.requests.push(url.to_owned());
            }
            _ => {}
        }
    }

    /// Opens a file, at a fragment; returns the milliseconds until its first view.
    pub fn visit(&mut self, file: &Path, fragment: &str) -> f64 {
        let url = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.call("Page.navigate", json!({ "url": url }));
        self.wait(
            "document.readyState === 'complete' && !!document.querySelector('#titre')?.textContent",
        );
        self.number("performance.getEntriesByType('navigation')[0].duration")
    }

    /// The value of an expression of the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", ask);
        let fault = &answer["exceptionDetails"];
        assert!(fault.is_null(), "{expression}: {fault}");
        answer["result"]["value"].clone()
    }

    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn number(&mut self, expression: &str) -> f64 {
        self.value(expression).as_f64().unwrap_or(f64::NAN)
    }

    /// Waits until an expression holds.
    pub fn wait(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(expression) != json!(true) {
            assert!(start.elapsed() < PATIENCE, "never: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Follows a fragment as a link would, and waits for its view.
    pub fn follow(&mut self, fragment: &str) {
        let go = format!(
            "new Promise((done) => {{ if (location.hash === '{fragment}') return done(); addEventListener('hashchange', () => requestAnimationFrame(() => done()), {{ once: true }}); location.hash = '{fragment}'; }})"
        );
        self.value(&go);
    }

    /// Chooses in a list as a reader does.
    pub fn choose(&mut self, list: &str, value: &str) {
        let choose = format!(
            "new Promise((done) => {{ const list = document.getElementById('{list}'); if (list.value === '{value}') return done(); addEventListener('hashchange', () => requestAnimationFrame(() => done()), {{ once: true }}); list.value = '{value}'; list.dispatchEvent(new Event('change')); }})"
        );
        self.value(&choose);
    }

    /// Clicks on the first element that fits and reads the file that comes of it.
    pub fn download(&mut self, selector: &str) -> (String, String) {
        let folder = self.downloads();
        self.value(&format!("document.querySelector('{selector}').click()"));
        let start = Instant::now();
        loop {
            let files = std::fs::read_dir(&folder)
                .unwrap()
                .map(|f| f.unwrap().path());
            let whole = files.filter(|f| f.extension().is_none_or(|e| e != "crdownload"));
            for file in whole {
                let text = std::fs::read_to_string(&file).unwrap();
                if !text.is_empty() {
                    std::fs::remove_file(&file).unwrap();
                    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
                    return (name, text);
                }
            }
            assert!(start.elapsed() < PATIENCE, "no download of {selector}");
            // The events of the page are read meanwhile.
            self.value("0");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A window of a width, light or dark.
    pub fn window(&mut self, width: u32, dark: bool) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", features);
        // The page draws anew a little after its width changed.
        std::thread::sleep(Duration::from_millis(200));
        self.value("new Promise((done) => requestAnimationFrame(() => done()))");
    }

    /// The whole page as PNG, base64.
    pub fn screenshot(&mut self) -> String {
        let ask = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.call("Page.captureScreenshot", ask);
        answer["data"].as_str().unwrap_or_default().to_owned()
    }

    /// Fails if the page said a fault or asked for anything but files of ours.
    pub fn assert_quiet(&mut self) {
        self.value("0");
        assert!(self.faults.is_empty(), "{:#?}", self.faults);
        let strange = |url: &&String| {
            !["file:", "about:", "blob:"]
                .iter()
                .any(|s| url.starts_with(s))
        };
        let asked: Vec<&String> = self.requests.iter().filter(strange).collect();
        assert!(asked.is_empty(), "{asked:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
