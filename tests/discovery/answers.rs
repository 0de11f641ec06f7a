//! What the world may answer: `tests/tables/answers.txt`.

use crate::format::{Row, Table, assert_none};
use mta_sts::{
    DnsError, FetchError, MAX_POLICY_LEN, MaxAge, MediaType, Mode, ParseOptions, Policy,
    PolicyBody, PolicyRequest, PolicyResponse, Reason, TlsFailure, TxtAnswer,
};

const TABLES: &str = include_str!("../tables/answers.txt");

/// An answer of the DNS or of a Policy Host, and what it counts as.
pub(crate) struct Answer<T> {
    pub(crate) class: String,
    pub(crate) given: T,
    /// Result type and code; `None` if nothing is wrong.
    pub(crate) failure: Option<(String, String)>,
    pub(crate) name: String,
}

pub(crate) type TxtResult = Result<TxtAnswer, DnsError>;
pub(crate) type FetchResult = Result<PolicyResponse, FetchError>;
pub(crate) type Txt = Answer<TxtResult>;
pub(crate) type Response = Answer<FetchResult>;

impl<T> Answer<T> {
    fn new(row: &Row, given: T) -> Self {
        let [result_type, code] = ["result type", "code"].map(|column| row.at(column).to_owned());
        Self {
            class: row.given(0).to_owned(),
            given,
            failure: (code != "-").then_some((result_type, code)),
            name: row.name().to_owned(),
        }
    }
}

const DNS_ERRORS: [DnsError; 6] = [
    DnsError::NoSuchDomain,
    DnsError::NoData,
    DnsError::ServerFailure,
    DnsError::Bogus,
    DnsError::Timeout,
    DnsError::Other,
];

fn fetch_errors() -> Vec<FetchError> {
    let others = [
        FetchError::Connect,
        FetchError::Timeout,
        FetchError::Truncated,
        FetchError::TooLarge,
        FetchError::Refused,
        FetchError::Other,
    ];
    let dns = DNS_ERRORS.map(FetchError::Dns).into_iter();
    let tls = TlsFailure::ALL.iter().copied().map(FetchError::Tls);
    dns.chain(tls).chain(others).collect()
}

pub(crate) fn txt() -> Vec<Txt> {
    let table = Table::new(TABLES, "txt");
    let answers = table.rows().iter().map(|row| {
        let error = DNS_ERRORS
            .into_iter()
            .find(|error| format!("{error:?}") == row.given(1));
        let answer = error.map_or_else(|| Ok(records(row.given(1))), Err);
        Answer::new(row, answer)
    });
    answers.collect()
}

fn records(text: &str) -> TxtAnswer {
    let records = text.split('"').skip(1).step_by(2);
    records.map(|record| record.split('~')).collect()
}

pub(crate) fn request() -> PolicyRequest {
    PolicyRequest::new("example.com".parse().unwrap())
}

fn body(text: &str) -> Vec<u8> {
    let acting = |mode: &str, max_age: u32| {
        format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: {max_age}\n")
    };
    let text = match text {
        "E" => acting("enforce", 86_400),
        "T" => acting("testing", 86_400),
        "Z" => acting("enforce", 0),
        "N" => "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n".to_owned(),
        other => other.replace("\\n", "\n"),
    };
    text.into_bytes()
}

fn responses_only() -> Vec<Answer<PolicyResponse>> {
    let table = Table::new(TABLES, "response");
    let responses = table.rows().iter().map(|row| {
        let content_type = Some(row.given(2)).filter(|&given| given != "-");
        let status = row.given(1).parse().unwrap();
        let response = PolicyResponse::new(status, content_type, body(row.given(4)));
        let response = match row.given(3) {
            "-" => response,
            "=" => response.with_url(request().url()),
            other => response.with_url(other),
        };
        Answer::new(row, response)
    });
    responses.collect()
}

pub(crate) fn responses() -> Vec<Response> {
    let errors = fetch_errors();
    let table = Table::new(TABLES, "fetch error");
    assert_eq!(table.rows().len(), errors.len(), "each error has a row");
    let failed = table.rows().iter().map(|row| {
        let error = errors
            .iter()
            .find(|error| format!("{error:?}") == row.given(1));
        let Some(error) = error else {
            panic!("no such error: {}", row.name())
        };
        Answer::new(row, Err(*error))
    });
    let came = responses_only().into_iter().map(|answer| Answer {
        given: Ok(answer.given),
        class: answer.class,
        failure: answer.failure,
        name: answer.name,
    });
    came.chain(failed).collect()
}

fn judge(response: &PolicyResponse) -> Result<Policy, Reason> {
    response.policy(&request(), MediaType::TextPlain, &ParseOptions::strict())
}

#[test]
fn responses_are_judged() {
    let mut wrong = Vec::new();
    for answer in responses_only() {
        let said = match judge(&answer.given) {
            Err(reason) => {
                let (result_type, code) = answer.failure.clone().unwrap_or_default();
                reason.code() == code && reason.result_type().code() == result_type
            }
            Ok(policy) => {
                let class = match (policy.mode(), policy.max_age().as_secs()) {
                    (Mode::None, _) => "none",
                    (_, 0) => "zero",
                    _ => "valid",
                };
                class == answer.class && answer.failure.is_none()
            }
        };
        if !said {
            wrong.push(format!("{}\n    {:?}", answer.name, judge(&answer.given)));
        }
    }
    assert_none(&wrong);
}

/// With that switch the media type plays no part, and nothing else changes.
#[test]
fn any_media_type() {
    for answer in responses_only() {
        let judged = answer
            .given
            .policy(&request(), MediaType::Any, &ParseOptions::strict());
        match judge(&answer.given) {
            Err(Reason::MediaType) => match Policy::parse(answer.given.body()) {
                Ok(policy) => assert_eq!(judged, Ok(policy), "{}", answer.name),
                Err(error) => {
                    assert_eq!(judged, Err(Reason::PolicyInvalid(error)), "{}", answer.name);
                }
            },
            other => assert_eq!(judged, other, "{}", answer.name),
        }
    }
}

/// Leniency in reading is the sender's choice, and needs to be told.
#[test]
fn parse_options_reach_the_policy() {
    let body = b"version: STSv1\n\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";
    let response = PolicyResponse::new(200, Some("text/plain"), *body);
    assert_eq!(judge(&response).unwrap_err().code(), "policy-blank-line");
    let lenient = ParseOptions::lenient();
    let policy = response.policy(&request(), MediaType::TextPlain, &lenient);
    assert_eq!(policy.unwrap().mode(), Mode::Enforce);
}

/// A policy of exactly so many octets.
fn policy_of(len: usize) -> Vec<u8> {
    let mut policy = body("E");
    policy.extend(b"note: ");
    policy.resize(len, b'x');
    policy
}

#[test]
fn the_longest_policy() {
    assert_eq!(MAX_POLICY_LEN, 65_536, "64 KiB: RFC 8461 section 3.3");
    let respond = |len| {
        judge(&PolicyResponse::new(
            200,
            Some("text/plain"),
            policy_of(len),
        ))
    };
    assert_eq!(respond(65_536).unwrap().mode(), Mode::Enforce);
    assert_eq!(
        respond(65_537),
        Err(Reason::Fetch(FetchError::TooLarge)),
        "never a part of it"
    );
    // The status comes first: a long page of an error is an error.
    let page = PolicyResponse::new(404, Some("text/html"), vec![b'x'; 100_000]);
    assert_eq!(judge(&page), Err(Reason::Status(404)));
}

/// Reads in chunks of this size until something is wrong.
fn read(content_length: Option<u64>, bytes: &[u8], chunk: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = PolicyBody::new(content_length)?;
    for chunk in bytes.chunks(chunk) {
        body.push(chunk)?;
    }
    body.finish()
}

#[test]
fn bodies_are_counted_while_they_are_read() {
    let full = policy_of(65_536);
    let long = policy_of(65_537);
    for chunk in [1, 7, 1_000, 65_536, 100_000] {
        assert_eq!(read(None, &full, chunk).as_deref(), Ok(&full[..]));
        assert_eq!(read(Some(65_536), &full, chunk).as_deref(), Ok(&full[..]));
        assert_eq!(read(None, &long, chunk), Err(FetchError::TooLarge));
        assert_eq!(read(Some(65_537), &long, chunk), Err(FetchError::TooLarge));
        for announced in [1, 65_535] {
            let read = read(Some(announced), &full, chunk);
            assert_eq!(read, Err(FetchError::Truncated), "more than announced");
        }
        let cut = read(Some(65_536), &full[..65_535], chunk);
        assert_eq!(cut, Err(FetchError::Truncated));
        assert_eq!(read(None, b"", chunk).as_deref(), Ok(&b""[..]));
        assert_eq!(read(Some(0), b"", chunk).as_deref(), Ok(&b""[..]));
        assert_eq!(read(Some(1), b"", chunk), Err(FetchError::Truncated));
    }
    let announced = PolicyBody::new(Some(u64::MAX)).map(|_| ());
    assert_eq!(announced, Err(FetchError::TooLarge), "before anything came");
}

/// A body that is full stays full: what was refused once is not forgotten.
#[test]
fn no_part_of_a_long_body_can_be_had() {
    let mut body = PolicyBody::new(None).unwrap();
    body.push(&policy_of(65_536)).unwrap();
    assert_eq!(body.push(b"x"), Err(FetchError::TooLarge));
    assert_eq!(body.push(b"x"), Err(FetchError::TooLarge));
    let mut body = PolicyBody::new(None).unwrap();
    assert_eq!(body.push(&policy_of(65_537)), Err(FetchError::TooLarge));
}

/// The maximum of RFC 8461 can be reached, and a day more is a day too much.
#[test]
fn the_longest_life() {
    for (given, read) in [
        ("31557600", 31_557_600),
        ("31557601", 31_557_600),
        ("60", 60),
    ] {
        let policy = format!("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: {given}");
        let response = PolicyResponse::new(200, Some("text/plain"), policy.into_bytes());
        let max_age = judge(&response).unwrap().max_age();
        assert_eq!(max_age, MaxAge::new(read).unwrap());
    }
}
