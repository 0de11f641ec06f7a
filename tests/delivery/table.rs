//! Every combination, and the rows that say what follows.

use crate::format::{Table, assert_none};
use crate::hosts::{CLASSES, Choices, DANE, MX, Outcome, choices, decisions, outcomes};
use mta_sts::{
    Action, Candidate, Decision, Failure, MessageClass, PolicyResult, PolicyType, Starttls,
    TlsFailure, TlsOutcome, TlsRequirement, TlsVerdict, Verdict, Verification,
};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TABLES: &str = include_str!("../tables/delivery.txt");

/// A failure as the tables tell it: result type and code.
type Told = (String, String);

fn told(failure: &Failure) -> Told {
    let result_type = failure.result_type().code().to_owned();
    (result_type, failure.code().to_owned())
}

fn tell(result_type: &str, code: &str) -> Told {
    (result_type.to_owned(), code.to_owned())
}

/// What is given, in the words of the table.
#[derive(Clone, Copy, Debug)]
struct Given<'a> {
    policy: &'a str,
    mx: &'a str,
    dane: &'a str,
    class: &'a str,
    choices: Choices,
}

const fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

impl Given<'_> {
    const fn beside(&self) -> &str {
        if self.choices.replaced {
            "replaced"
        } else {
            "both"
        }
    }

    fn connect(&self) -> [&str; 7] {
        let Self {
            policy,
            mx,
            dane,
            class,
            choices,
        } = *self;
        let (exception, defer) = (yes(choices.exception), yes(choices.defer));
        [policy, mx, dane, class, exception, self.beside(), defer]
    }
}

/// A requirement as three cells.
fn requirement(requirement: TlsRequirement) -> [&'static str; 3] {
    let starttls = match requirement.starttls() {
        Starttls::Opportunistic => "opportunistic",
        Starttls::Mandatory => "mandatory",
    };
    let verification = match requirement.verification() {
        Verification::Nothing => "nothing",
        Verification::ObservePkix => "observe pkix",
        Verification::RequirePkix => "require pkix",
        Verification::RequireDane => "require dane",
        Verification::RequireBoth => "require both",
    };
    [starttls, verification, yes(requirement.observes_pkix())]
}

/// The rows of a report, each with its failures.
fn results(verdict: &Verdict) -> Vec<(PolicyType, Vec<Told>)> {
    let results: Vec<PolicyResult> = verdict.results().collect();
    let results = results.iter().map(|result| {
        let failures: Vec<_> = result.failures().map(|failure| told(&failure)).collect();
        assert_eq!(result.is_success(), failures.is_empty());
        (result.policy_type(), failures)
    });
    results.collect()
}

/// What is reported of a host that was not connected to.
fn unseen(text: &str) -> Option<(PolicyType, Vec<Told>)> {
    match text {
        "sts validation-failure" => {
            let mismatch = tell("validation-failure", "mtasts-policy-mx-mismatch");
            Some((PolicyType::Sts, vec![mismatch]))
        }
        "tlsa dnssec-invalid" => {
            let unknown = tell("dnssec-invalid", "dane-lookup-failed");
            Some((PolicyType::Tlsa, vec![unknown]))
        }
        "-" => None,
        other => panic!("reported {other}"),
    }
}

struct Tables {
    connect: Table,
    action: Table,
    sts: Table,
    tlsa: Table,
    no_policy: Table,
    tls: BTreeMap<String, Told>,
}

/// Something that is not as a table says, or is in none.
type Wrong = Result<(), String>;

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Wrong {
    if holds { Ok(()) } else { Err(message()) }
}

impl Tables {
    fn new() -> Self {
        let tls = Table::new(TABLES, "tls");
        let tls = tls.rows().iter().map(|row| {
            let told = tell(row.at("result type"), row.at("code"));
            (row.given(0).to_owned(), told)
        });
        let tls: BTreeMap<_, _> = tls.collect();
        let table = |name| Table::new(TABLES, name);
        Self {
            connect: table("connect"),
            action: table("action"),
            sts: table("sts"),
            tlsa: table("tlsa"),
            no_policy: table("no policy"),
            tls,
        }
    }

    fn tls(&self, failure: TlsFailure) -> Told {
        self.tls[&format!("{failure:?}")].clone()
    }

    fn verdict(&self, verdict: TlsVerdict) -> Told {
        match verdict {
            TlsVerdict::Failed(failure) => self.tls(failure),
            other => panic!("no failure: {other:?}"),
        }
    }

    /// What a word for a failure means for this outcome.
    fn told(&self, word: &str, tls: TlsOutcome) -> Told {
        match (word, tls) {
            ("handshake", TlsOutcome::NotOffered) => {
                tell("starttls-not-supported", "starttls-not-offered")
            }
            ("handshake", TlsOutcome::Refused(_)) => {
                tell("starttls-not-supported", "starttls-refused")
            }
            ("handshake", TlsOutcome::Failed(failure)) => self.tls(failure),
            ("pkix", TlsOutcome::Established { pkix, .. }) => self.verdict(pkix),
            ("dane", TlsOutcome::Established { dane, .. }) => self.verdict(dane),
            ("not checked", _) => tell("validation-failure", "certificate-not-checked"),
            ("mx", _) => tell("validation-failure", "mtasts-policy-mx-mismatch"),
            ("unusable", _) => tell("tlsa-invalid", "dane-unusable"),
            ("lookup", _) => tell("dnssec-invalid", "dane-lookup-failed"),
            other => panic!("{other:?}"),
        }
    }

    /// The failures that a row names; `None` if it is not counted.
    fn row(
        &self,
        text: &str,
        check: &str,
        tls: TlsOutcome,
        decision: &Decision,
    ) -> Option<Vec<Told>> {
        let words = match text {
            "-" => return None,
            "success" => return Some(Vec::new()),
            words => words.split(" + "),
        };
        let failures = words.map(|word| match word {
            "fetch" => told(&decision.failure().unwrap()),
            "check" => self.told(check, tls),
            word => self.told(word, tls),
        });
        Some(failures.collect())
    }

    /// A host that is not connected to.
    fn skipped(&self, given: &Given<'_>, verdict: &Verdict) -> Wrong {
        let row = self.connect.find(&given.connect())?;
        let said = |what: &str| format!("{}\n  {given:?}\n  {what}: {verdict:?}", row.name());
        let code = row.at("next").strip_prefix("skip ");
        let failure = verdict.failure();
        let said_code = failure.as_ref().map(Failure::code);
        ensure(verdict.action() == Action::Skip, || said("action"))?;
        ensure(code.is_some() && said_code == code, || said("next"))?;
        let reported = row.at("reported").split(", ");
        let mut expected: Vec<_> = reported.filter_map(unseen).collect();
        expected.sort();
        ensure(results(verdict) == expected, || said("reported"))
    }

    fn connected(&self, given: &Given<'_>, required: TlsRequirement) -> Wrong {
        let row = self.connect.find(&given.connect())?;
        let cells = requirement(required);
        let expected = ["starttls", "verification", "observes"].map(|column| row.at(column));
        ensure(row.at("next") == "connect" && cells == expected, || {
            format!("{}\n  {given:?}\n  requirement: {cells:?}", row.name())
        })
    }

    /// What follows for the connection.
    fn acted(&self, required: TlsRequirement, outcome: &Outcome, verdict: &Verdict) -> Wrong {
        let Outcome {
            word,
            pkix,
            dane,
            tls,
        } = *outcome;
        let [starttls, verification, _] = requirement(required);
        let given = [starttls, verification, word, pkix, dane];
        let row = self.action.find(&given)?;
        let said = || format!("{}\n  {tls:?}\n  {verdict:?}", row.name());
        let action = match row.at("action") {
            "skip" => Action::Skip,
            "deliver" => Action::Deliver,
            other => panic!("action {other}"),
        };
        ensure(verdict.action() == action, said)?;
        if action == Action::Deliver {
            return Ok(());
        }
        let failure = verdict.failure().map(|failure| told(&failure));
        let reasons = row.at("reason").split('/');
        let mut reasons = reasons.map(|word| Some(self.told(word, tls)));
        ensure(reasons.any(|reason| reason == failure), said)
    }

    /// What is reported, and told.
    fn reported(
        &self,
        given: &Given<'_>,
        (decision, required): (&Decision, TlsRequirement),
        outcome: &Outcome,
        verdict: &Verdict,
    ) -> Wrong {
        let Outcome {
            word,
            pkix,
            dane,
            tls,
        } = *outcome;
        let said = |row: &str, expected: &dyn std::fmt::Debug| {
            format!("{row}\n  {given:?}\n  {tls:?}\n  {verdict:?}\n  not {expected:?}")
        };
        let (by, check) =
            if given.choices.replaced && given.dane == "usable" && given.class != "not required" {
                ("dane", dane)
            } else {
                ("pkix", pkix)
            };
        let demanded = match (required.verification(), by) {
            (Verification::RequireBoth, _)
            | (Verification::RequirePkix, "pkix")
            | (Verification::RequireDane, "dane") => "yes",
            _ => "no",
        };
        let Given {
            policy, mx, class, ..
        } = *given;
        let sts = self
            .sts
            .find(&[policy, mx, class, by, demanded, word, check])?;
        let sts_row = self.row(sts.at("row"), by, tls, decision);
        let tlsa = self.tlsa.find(&[given.dane, class, word, dane])?;
        let tlsa_row = self.row(tlsa.at("row"), "dane", tls, decision);
        let mut names = vec![sts.name(), tlsa.name()];
        let mut neither_row = None;
        let inactive = matches!(policy, "none" | "absent" | "undetermined");
        if inactive && given.dane == "no" {
            let neither = self.no_policy.find(&[class, word])?;
            neither_row = self.row(neither.at("row"), "-", tls, decision);
            names.push(neither.name());
        }
        let rows = [
            (PolicyType::Tlsa, tlsa_row),
            (PolicyType::Sts, sts_row),
            (PolicyType::NoPolicyFound, neither_row),
        ];
        let rows = rows
            .into_iter()
            .filter_map(|(kind, row)| Some((kind, row?)));
        let rows: Vec<_> = rows.collect();
        ensure(results(verdict) == rows, || said(&names.join("\n"), &rows))?;

        // What is reported is told, and nothing else is.
        let failure = verdict.failure().map(|failure| told(&failure));
        let reported: Vec<_> = rows.iter().flat_map(|(_, failures)| failures).collect();
        let as_reported = match &failure {
            None => reported.is_empty(),
            Some(failure) => reported.contains(&failure) || class == "report",
        };
        ensure(as_reported, || said("failure", &reported))
    }
}

/// One message for each row, with the number of them.
fn firsts(wrong: &[String]) -> Vec<String> {
    let mut by_row: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for message in wrong {
        let row = message.split("\n  ").next().unwrap_or_default();
        by_row.entry(row).or_insert((message, 0)).1 += 1;
    }
    let firsts = by_row.into_values();
    firsts
        .map(|(message, count)| format!("{count} times: {message}"))
        .collect()
}

/// What is not as the tables say, for every combination: before connecting, and of it what follows and what is reported.
#[derive(Default)]
struct Differences {
    connect: Vec<String>,
    action: Vec<String>,
    reports: Vec<String>,
}

fn host(
    tables: &Tables,
    given: &Given<'_>,
    (decision, candidate): (&Decision, Candidate),
    outcomes: &[Outcome],
    wrong: &mut Differences,
) {
    let session = match candidate {
        Candidate::Skip(verdict) => {
            wrong.connect.extend(tables.skipped(given, &verdict).err());
            return;
        }
        Candidate::Connect(session) => session,
    };
    let required = session.requirement();
    wrong
        .connect
        .extend(tables.connected(given, required).err());
    for outcome in outcomes {
        let verdict = session.judge(outcome.tls);
        let action = tables.acted(required, outcome, &verdict);
        wrong.action.extend(action.err());
        let reports = tables.reported(given, (decision, required), outcome, &verdict);
        wrong.reports.extend(reports.err());
    }
}

/// Runs every combination.
fn run(tables: &Tables) -> Differences {
    let mut wrong = Differences::default();
    let (mut hosts, mut sessions) = (0, 0);
    for choices in choices() {
        for (policy, decision) in &decisions(choices) {
            for (mx, mx_host) in MX {
                for (dane_word, dane) in DANE {
                    for (class_word, class) in CLASSES {
                        let given = Given {
                            policy,
                            mx,
                            dane: dane_word,
                            class: class_word,
                            choices,
                        };
                        let candidate = decision.candidate_for(class, mx_host, dane);
                        if class == MessageClass::Ordinary {
                            assert_eq!(candidate, decision.candidate(mx_host, dane));
                        }
                        let outcomes = outcomes(hosts);
                        hosts += 1;
                        if matches!(candidate, Candidate::Connect(_)) {
                            sessions += outcomes.len();
                        }
                        let context = (decision, candidate);
                        host(tables, &given, context, &outcomes, &mut wrong);
                    }
                }
            }
        }
    }
    println!("{hosts} hosts, {sessions} sessions");
    wrong
}

/// The three tests share one run.
fn differences() -> &'static (Tables, Differences) {
    static RUN: LazyLock<(Tables, Differences)> = LazyLock::new(|| {
        let tables = Tables::new();
        let differences = run(&tables);
        (tables, differences)
    });
    &RUN
}

#[test]
fn whether_and_how_to_connect() {
    let (tables, wrong) = differences();
    assert_none(&tables.connect.idle());
    assert_none(&firsts(&wrong.connect));
}

#[test]
fn what_follows() {
    let (tables, wrong) = differences();
    assert_none(&tables.action.idle());
    assert_none(&firsts(&wrong.action));
    assert_eq!(tables.tls.len(), TlsFailure::ALL.len());
}

#[test]
fn what_is_reported() {
    let (tables, wrong) = differences();
    for table in [&tables.sts, &tables.tlsa, &tables.no_policy] {
        assert_none(&table.idle());
    }
    assert_none(&firsts(&wrong.reports));
}
