//! Asks pkg-config where the library is.

use std::{env, process::Command};

fn main() {
    for variable in ["PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let output = match Command::new(&program).args(["--libs", "ringbuf"]).output() {
        Ok(output) => output,
        Err(error) => panic!("{program}, which knows where libringbuf is, does not run: {error}"),
    };
    if !output.status.success() {
        panic!(
            "{program} finds no ringbuf; if it is installed, set PKG_CONFIG_PATH to the directory of ringbuf.pc:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let flags = String::from_utf8(output.stdout).expect("paths in UTF-8");
    for flag in flags.split_whitespace() {
        if let Some(directory) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={directory}");
        } else if let Some(library) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
}
