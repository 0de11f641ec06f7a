//! A plan for machines.

use crate::against::Changes;
use crate::args::Args;
use mta_sts::{Step, Wait};
use serde_json::{Value, json};

/// Everything there is to publish. `changes` is `null` if nothing was there to be held against it.
pub(crate) fn object(args: &Args, changes: Option<&Changes>) -> Value {
    let Args {
        domain,
        policy,
        plan,
        ..
    } = args;
    json!({
        "domain": domain.as_str(),
        "id": plan.id().as_str(),
        "policy": {
            "url": domain.policy_url(),
            "text": plan.policy_text(),
            "mode": policy.mode().as_str(),
            "max_age": policy.max_age().as_secs(),
            "mx": policy.mx().map(|pattern| pattern.to_string()).collect::<Value>(),
        },
        "record": plan.record().to_string(),
        "zone": plan.zone_lines(),
        "steps": plan.steps().iter().map(step).collect::<Value>(),
        "changes": changes.map(|changes| json!({
            "policy": changes.policy,
            "zone": changes.zone,
            "is_only_the_id": changes.is_only_the_id,
        })),
    })
}

/// `wait` is `null`, a number of seconds after the step before, or a moment.
fn step(step: &Step) -> Value {
    let wait = step.wait().map(|wait| match wait {
        Wait::For(duration) => json!(duration.as_secs()),
        Wait::Until(moment) => json!(moment.to_string()),
    });
    json!({ "kind": step.kind().as_str(), "what": step.what(), "wait": wait })
}
