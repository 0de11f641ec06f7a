//! A name server by `hickory-server` that answers as a function says.

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, SOA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use live::resolver::{Dnssec, HickoryResolver};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};

/// What the server answers to a question.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These records; a CNAME and what is behind it may stand in one answer.
    Records(Vec<Record>),
    NoSuchDomain,
    NoData,
    /// Nothing, and whom to ask instead.
    Referral,
    /// This code and nothing else.
    Code(ResponseCode),
    /// Nothing at all.
    Silence,
}

/// Starts a server and gives its address. Names are in lower case with the final dot.
pub(crate) async fn serve(
    answer: impl Fn(&str, RecordType) -> Reply + Send + Sync + Unpin + 'static,
) -> SocketAddr {
    serve_with(Answering(answer)).await
}

/// Starts a server that answers as `hickory-server` does by itself.
pub(crate) async fn serve_with(handler: impl RequestHandler) -> SocketAddr {
    // The same port for both protocols: another program may have taken one of them.
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    let mut server = Server::new(handler);
    server.register_socket(udp);
    server.register_listener(tcp, Duration::from_secs(5), 64);
    tokio::spawn(async move { server.block_until_done().await });
    address
}

/// A resolver that asks this server once and waits two seconds.
pub(crate) fn resolver(server: SocketAddr) -> HickoryResolver {
    resolver_with(server, Dnssec::Upstream)
}

pub(crate) fn resolver_with(server: SocketAddr, dnssec: Dnssec) -> HickoryResolver {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    let config = ResolverConfig::from_name_servers(vec![server]);
    let mut options = ResolverOpts::default();
    options.timeout = Duration::from_secs(2);
    options.attempts = 0;
    HickoryResolver::new(config, options, dnssec).unwrap()
}

pub(crate) fn records(name: &str, data: impl IntoIterator<Item = RData>) -> Reply {
    let record = |data| Record::from_rdata(Name::from_ascii(name).unwrap(), 300, data);
    Reply::Records(data.into_iter().map(record).collect())
}

/// TXT records, each of these character-strings.
pub(crate) fn txt(name: &str, texts: &[&[&str]]) -> Reply {
    let data = |strings: &&[&str]| {
        let strings = strings.iter().map(|string| (*string).to_owned());
        RData::TXT(TXT::new(strings.collect()))
    };
    records(name, texts.iter().map(data))
}

pub(crate) fn cname(name: &str, target: &str) -> Reply {
    records(
        name,
        [RData::CNAME(CNAME(Name::from_ascii(target).unwrap()))],
    )
}

pub(crate) fn mx(name: &str, hosts: &[(u16, &str)]) -> Reply {
    let data = |(preference, host): &(u16, &str)| {
        RData::MX(MX::new(*preference, Name::from_ascii(host).unwrap()))
    };
    records(name, hosts.iter().map(data))
}

pub(crate) fn a(name: &str, addresses: &[Ipv4Addr]) -> Reply {
    records(name, addresses.iter().map(|address| RData::A(A(*address))))
}

pub(crate) fn aaaa(name: &str, addresses: &[Ipv6Addr]) -> Reply {
    records(
        name,
        addresses.iter().map(|address| RData::AAAA(AAAA(*address))),
    )
}

/// Two replies as one, as a server gives them that follows CNAMEs itself.
pub(crate) fn both(first: Reply, second: Reply) -> Reply {
    match (first, second) {
        (Reply::Records(mut first), Reply::Records(second)) => {
            first.extend(second);
            Reply::Records(first)
        }
        other => panic!("not records: {other:?}"),
    }
}

/// The start of authority of every zone here.
pub(crate) fn soa() -> Record {
    let name = Name::from_ascii("example.").unwrap();
    let data = SOA::new(name.clone(), name.clone(), 1, 300, 300, 300, 300);
    Record::from_rdata(name, 300, RData::SOA(data))
}

struct Answering<F>(F);

#[async_trait::async_trait]
impl<F> RequestHandler for Answering<F>
where
    F: Fn(&str, RecordType) -> Reply + Send + Sync + Unpin + 'static,
{
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut to: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let query = request.request_info().unwrap().query;
        // `Display` would show U-labels.
        let name = Name::from(query.name()).to_ascii();
        let reply = (self.0)(&name, query.query_type());
        let (mut answers, mut authorities, mut start) = (vec![], vec![], vec![]);
        match reply {
            Reply::Records(records) => answers = records,
            Reply::NoSuchDomain => {
                metadata.response_code = ResponseCode::NXDomain;
                start.push(soa());
            }
            Reply::NoData => start.push(soa()),
            Reply::Referral => {
                metadata.authoritative = false;
                let Reply::Records(servers) = records(
                    "example.",
                    [RData::NS(hickory_resolver::proto::rr::rdata::NS(
                        Name::from_ascii("ns.elsewhere.example.").unwrap(),
                    ))],
                ) else {
                    unreachable!("they are records")
                };
                authorities = servers;
            }
            Reply::Code(code) => metadata.response_code = code,
            Reply::Silence => {
                let counts = HeaderCounts::default();
                return ResponseInfo::from(Header { metadata, counts });
            }
        }
        let response = MessageResponseBuilder::from_message_request(request);
        to.send_response(response.build(metadata, &answers, &authorities, &start, []))
            .await
            .unwrap()
    }
}
