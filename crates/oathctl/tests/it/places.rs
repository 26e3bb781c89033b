//! No output is written over an input, whatever its path looks like.

use crate::host::Setting;
use crate::tenant::{Tenant, csv};

fn with_files() -> (Tenant, String) {
    let tenant = Tenant::new();
    let text = csv(&[tenant.upn(1)]);
    tenant.write("tokens.csv", &text);
    for name in ["people.csv", "only.csv", "never.txt", "people.txt", "plan.json", "c.toml", "secret.txt"] {
        tenant.write(name, &format!("{name}\n"));
    }
    std::fs::create_dir(tenant.folder.path().join("folder")).unwrap();
    (tenant, text)
}

#[test]
fn an_output_over_an_input_or_another_output_is_refused() {
    let (tenant, text) = with_files();
    let secret = |setting: &mut Setting| {
        setting.env.insert("AZURE_CLIENT_SECRET_FILE".into(), "secret.txt".into());
    };
    for line in [
        "plan tokens.csv --out tokens.csv",
        "plan tokens.csv --out ./folder/../tokens.csv",
        "plan tokens.csv --out plan2.json --log-file plan2.json",
        "activate tokens.csv --yes --report tokens.csv",
        "activate tokens.csv --yes --failed tokens.csv",
        "activate tokens.csv --yes --log-file tokens.csv",
        "activate tokens.csv --yes --report new.json --failed ./new.json",
        "activate tokens.csv --yes --users people.csv --report people.csv",
        "activate tokens.csv --yes --only only.csv --failed only.csv",
        "activate tokens.csv --yes --exclude never.txt --failed never.txt",
        "activate tokens.csv --yes --report secret.txt",
        "activate tokens.csv --yes --config c.toml --report c.toml",
        "check tokens.csv --log-file tokens.csv",
        "pair tokens.csv people.txt -o tokens.csv --yes",
        "pair tokens.csv people.txt -o people.txt --yes",
        "apply plan.json --report plan.json --yes",
        "resume --file tokens.csv --report tokens.csv --yes",
    ] {
        let ran = tenant.run_with(&format!("oathctl {line}"), secret, |_| {});
        assert_eq!(ran.code, 2, "{line}: {}{}", ran.out, ran.err);
        assert!(
            ran.err.contains("would write over") || ran.err.contains("the same file"),
            "{line}: {}",
            ran.err
        );
        assert_eq!(tenant.read("tokens.csv"), text, "{line}");
        for name in ["people.csv", "only.csv", "never.txt", "people.txt", "plan.json", "c.toml", "secret.txt"]
        {
            assert_eq!(tenant.read(name), format!("{name}\n"), "{line}");
        }
    }
    assert!(tenant.state().is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_is_the_file_it_leads_to() {
    let (tenant, text) = with_files();
    std::os::unix::fs::symlink("tokens.csv", tenant.folder.path().join("link.csv")).unwrap();
    for line in ["plan tokens.csv --out link.csv", "plan link.csv --out tokens.csv"] {
        let ran = tenant.run(&format!("oathctl {line}"));
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert_eq!(tenant.read("tokens.csv"), text, "{line}");
    }
}

#[test]
fn what_a_plan_and_a_setting_name_is_spared_too() {
    let (tenant, text) = with_files();
    assert_eq!(tenant.run("oathctl plan tokens.csv --out plan.json").code, 0);
    for flag in ["--report", "--failed", "--log-file"] {
        let ran = tenant.run(&format!("oathctl apply plan.json --yes {flag} tokens.csv"));
        assert_eq!(ran.code, 2, "{flag}: {}", ran.err);
        assert_eq!(tenant.read("tokens.csv"), text, "{flag}");
    }
    tenant.write("c.toml", "client_secret_file = \"secret.txt\"\n");
    for flag in ["--report", "--log-file"] {
        let ran = tenant.run(&format!("oathctl activate tokens.csv --yes --config c.toml {flag} secret.txt"));
        assert_eq!(ran.code, 2, "{flag}: {}", ran.err);
        assert_eq!(tenant.read("secret.txt"), "secret.txt\n", "{flag}");
    }
    assert!(tenant.state().is_empty());
}
