//! A real browser, Chromium from Debian, that looks at pages.

use crate::support::skip;
use data_encoding::BASE64;
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::sync::Once;
use tempfile::TempDir;

/// Looks at each frame of a page once it is there: a script may look into a frame, but not be in it.
const LOOK: &str = r#"
<body><script>
const look = (frame) => {
  const page = frame.contentDocument, style = (element) => element && frame.contentWindow.getComputedStyle(element);
  const root = page.documentElement;
  page.querySelectorAll("details").forEach((details) => details.open = true);
  return {
    title: page.title,
    text: page.body.innerText,
    active: page.querySelectorAll("script, img, iframe, object, link, form, [onerror], [onclick]").length,
    width: root.clientWidth,
    scroll_width: root.scrollWidth,
    background: style(page.body).backgroundColor,
    bar: style(page.querySelector("svg .bad"))?.fill,
    charts: [...page.querySelectorAll("svg[role=img]")].filter((svg) => svg.getBoundingClientRect().height > 100).length,
    loaded: frame.contentWindow.performance.getEntriesByType("resource").length,
    tall_bars: [...page.querySelectorAll("svg[role=img] rect")].map((bar) => bar.getBoundingClientRect().height),
  };
};
onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(look);
  const octets = new TextEncoder().encode(JSON.stringify(found));
  document.body.innerHTML = "<pre>[" + btoa(String.fromCharCode(...octets)) + "]</pre>";
};
</script>
"#;

/// Which colours the reader prefers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// What the browser makes of each page, in a window of this width; `None`, and a line that says so, where it is not installed.
pub(super) fn look(scheme: Scheme, pages: &[(&str, u32)]) -> Option<Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    let mut frames = LOOK.to_owned();
    for (index, (page, width)) in pages.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.html")), page).unwrap();
        let source = format!("src=\"{index}.html\" width={width}");
        frames.extend(["<iframe ", &source, " height=800 frameborder=0></iframe>\n"]);
    }
    fs::write(folder.path().join("frames.html"), frames).unwrap();
    let dom = dom(scheme, &folder)?;
    let found = dom
        .split_once("<pre>[")
        .and_then(|(_, rest)| rest.split_once("]</pre>"));
    let (found, _) = found.unwrap_or_else(|| panic!("the browser looked at nothing: {dom}"));
    let found: Value = serde_json::from_slice(&BASE64.decode(found.as_bytes()).unwrap()).unwrap();
    let found = found.as_array().unwrap().clone();
    assert_eq!(found.len(), pages.len());
    Some(found)
}

fn dom(scheme: Scheme, folder: &TempDir) -> Option<String> {
    let mut command = Command::new("chromium");
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync"])
        // Files of one folder are else strangers to each other.
        .arg("--allow-file-access-from-files")
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ));
    if scheme == Scheme::Dark {
        command.arg("--blink-settings=preferredColorScheme=0");
    }
    let page = folder.path().join("frames.html");
    command
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()));
    let Ok(output) = command.output() else {
        static SAID: Once = Once::new();
        SAID.call_once(|| skip("the page in a browser: chromium is not installed"));
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}
