//! The serde form of an aggregate, for stores and for the way between machines.

use super::tally::{Count, DetailKey, Tally};
use super::{Aggregate, DayTally, Limits, PolicyKey};
use crate::domain::Domain;
use crate::failure::{PolicyType, ResultType};
use crate::tlsrpt::day::UtcDay;
use crate::tlsrpt::reported::Reported;
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AggregateForm<'a> {
    max_policies: usize,
    max_details: usize,
    days: Vec<DayForm<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DayForm<'a> {
    /// The number of the day.
    day: u64,
    domain: Cow<'a, str>,
    policies: Vec<PolicyForm<'a>>,
    folded: Vec<PolicyForm<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyForm<'a> {
    policy_type: Cow<'a, str>,
    policy_domain: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policy_string: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mx_host: Vec<Cow<'a, str>>,
    successful: u64,
    failed: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    details: Vec<DetailForm<'a>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    further: BTreeMap<Cow<'a, str>, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailForm<'a> {
    result_type: Cow<'a, str>,
    reason: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mx_host: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mx_helo: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sending_ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receiving_ip: Option<String>,
    count: u64,
}

impl Serialize for Aggregate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let days = self.days.iter().map(|((day, domain), tally)| DayForm {
            day: day.number(),
            domain: domain.as_str().into(),
            policies: tally.policies.iter().map(of_policy).collect(),
            folded: tally.folded.iter().map(of_folded).collect(),
        });
        AggregateForm {
            max_policies: self.limits.policies,
            max_details: self.limits.details,
            days: days.collect(),
        }
        .serialize(serializer)
    }
}

fn of_policy<'a>((key, tally): (&'a PolicyKey, &'a Tally)) -> PolicyForm<'a> {
    let texts = |list: &'a [Box<str>]| list.iter().map(|text| Cow::from(&**text)).collect();
    PolicyForm {
        policy_string: texts(&key.policy_string),
        mx_host: texts(&key.mx_host),
        ..of_tally(key.policy_type, &key.policy_domain, tally)
    }
}

fn of_folded<'a>(
    ((policy_type, domain), tally): (&'a (PolicyType, Domain), &'a Tally),
) -> PolicyForm<'a> {
    of_tally(*policy_type, domain, tally)
}

fn of_tally<'a>(policy_type: PolicyType, domain: &'a Domain, tally: &'a Tally) -> PolicyForm<'a> {
    let further = tally.folded.iter();
    PolicyForm {
        policy_type: policy_type.as_str().into(),
        policy_domain: domain.as_str().into(),
        policy_string: Vec::new(),
        mx_host: Vec::new(),
        successful: tally.successful.0,
        failed: tally.failed.0,
        details: tally.details.iter().map(of_detail).collect(),
        further: further
            .map(|(result_type, count)| (result_type.code().into(), count.0))
            .collect(),
    }
}

fn of_detail<'a>((key, count): (&'a DetailKey, &'a Count)) -> DetailForm<'a> {
    DetailForm {
        result_type: key.result_type.code().into(),
        reason: (&*key.reason).into(),
        mx_host: key.mx_host.as_deref().map(Into::into),
        mx_helo: key.mx_helo.as_deref().map(Into::into),
        sending_ip: key.sending_ip.map(|address| address.to_string()),
        receiving_ip: key.receiving_ip.map(|address| address.to_string()),
        count: count.0,
    }
}

/// Everything goes the way of what is recorded: names are bounded, lines can be written, and the limits hold.
impl<'de> Deserialize<'de> for Aggregate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = AggregateForm::deserialize(deserializer)?;
        let mut read = Self::with_limits(form.max_policies, form.max_details);
        let limits = read.limits;
        for day in form.days {
            let domain: Domain = day.domain.parse().map_err(D::Error::custom)?;
            let mut tally = DayTally::default();
            for policy in day.policies {
                let (key, counted) = to_policy(policy, limits).map_err(D::Error::custom)?;
                tally.add_policy(key, counted, limits);
            }
            for policy in day.folded {
                let (key, counted) = to_policy(policy, limits).map_err(D::Error::custom)?;
                tally.fold((key.policy_type, key.policy_domain), counted, limits);
            }
            let key = (UtcDay::from_number(day.day), domain);
            read.days.entry(key).or_default().add(tally, limits);
        }
        Ok(read)
    }
}

fn to_policy(form: PolicyForm<'_>, limits: Limits) -> Result<(PolicyKey, Tally), String> {
    let Reported::<PolicyType>::Known(policy_type) = (&*form.policy_type).into() else {
        return Err("unknown policy type".to_owned());
    };
    let domain = form.policy_domain.parse();
    let hosts = form.mx_host.iter().map(|host| {
        let host = super::host(host).filter(|host| super::is_mx_host(host));
        host.ok_or("not a pattern of host names")
    });
    let key = PolicyKey {
        policy_type,
        policy_string: super::lines(form.policy_string.iter().map(AsRef::as_ref)),
        policy_domain: domain.map_err(|error: crate::error::Error| error.to_string())?,
        mx_host: hosts.collect::<Result<_, _>>()?,
    };
    let mut tally = Tally {
        successful: Count(form.successful),
        failed: Count(form.failed),
        ..Tally::default()
    };
    for detail in form.details {
        let count = Count(detail.count);
        tally.add_detail(to_detail(&detail)?, count, limits);
    }
    for (result_type, count) in form.further {
        tally.fold(to_result_type(&result_type)?, Count(count), limits);
    }
    Ok((key, tally))
}

fn to_detail(form: &DetailForm<'_>) -> Result<DetailKey, String> {
    let address = |text: &Option<String>| {
        let parsed = text.as_deref().map(str::parse::<IpAddr>).transpose();
        parsed.map_err(|error| error.to_string())
    };
    Ok(DetailKey {
        result_type: to_result_type(&form.result_type)?,
        reason: super::given(&form.reason).ok_or("no reason")?,
        mx_host: form.mx_host.as_deref().and_then(super::host),
        mx_helo: form.mx_helo.as_deref().and_then(super::given),
        sending_ip: address(&form.sending_ip)?,
        receiving_ip: address(&form.receiving_ip)?,
    })
}

fn to_result_type(name: &str) -> Result<ResultType, String> {
    match name.into() {
        Reported::Known(result_type) => Ok(result_type),
        Reported::<ResultType>::Other(_) => Err("unknown result type".to_owned()),
    }
}
