//! Many senders store at once: whatever the order, what remains is what all of them know together.

use super::server::Server;
use super::{domain, entry, failure, later, now};
use live::redis_store::RedisStore;
use mta_sts::{CacheEntry, PolicyStore};
use std::env;
use std::process::{Command, Stdio};

const PROCESSES: u64 = 4;
const TASKS: u64 = 8;
const SAVES: u64 = 25;
/// Where a process of the race finds Redis, and which one it is.
const URL: &str = "MTA_STS_RACE_URL";
const NUMBER: &str = "MTA_STS_RACE_NUMBER";

/// What the task of a process stores: policies and failures whose times are scattered, so that the newest is not the last one.
fn stored_by(process: u64, task: u64) -> Vec<CacheEntry> {
    let number = |save| (process * TASKS + task) * SAVES + save;
    let scattered = |save| number(save) * 7_919 % (PROCESSES * TASKS * SAVES);
    let mode = |save| ["enforce", "testing", "none"][usize::try_from(save % 3).unwrap()];
    let entries = (0..SAVES).map(|save| match save % 5 {
        4 => failure(later(scattered(save))),
        _ => entry(mode(save), 604_800, later(scattered(save))),
    });
    entries.collect()
}

fn end() -> mta_sts::UnixTime {
    later(PROCESSES * TASKS * SAVES)
}

async fn race(url: &str, process: u64) {
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        // Every other one with a connection of its own.
        let store = RedisStore::connect(url).await.unwrap();
        tasks.push(tokio::spawn(async move {
            for entry in stored_by(process, task) {
                let target = domain("a.example");
                store.save(&target, entry, end()).await.unwrap();
                store.remove(&target, end()).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// One process of the race below; without its instructions there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_the_race() {
    if let (Ok(url), Ok(number)) = (env::var(URL), env::var(NUMBER)) {
        race(&url, number.parse().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_newer_is_lost_between_processes() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let processes: Vec<_> = (0..PROCESSES)
        .map(|number| {
            Command::new(env::current_exe().unwrap())
                .args(["--exact", "redis::race::a_process_of_the_race"])
                .env(URL, server.url())
                .env(NUMBER, number.to_string())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let all = (0..PROCESSES)
        .flat_map(|process| (0..TASKS).flat_map(move |task| stored_by(process, task)));
    let together = all.reduce(CacheEntry::merged).unwrap();
    let store = server.store().await;
    let left = store.load(&domain("a.example")).await.unwrap();
    // A failure before the last fetch may be there or not, by the order of the saves; it counts for nothing.
    let seen = |entry: CacheEntry| entry.seen_at(end());
    assert_eq!(left.map(seen), Some(seen(together)));
}

/// A saving and a removing that race: the policy stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_loses_every_race_against_saving() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let (saving, removing) = (server.store().await, server.store().await);
    for round in 0..200 {
        let target = domain(&format!("d{round}.example"));
        let old = entry("testing", 10, now());
        saving.save(&target, old, now()).await.unwrap();
        let new = entry("enforce", 604_800, later(20));
        let (saved, removed) = tokio::join!(
            saving.save(&target, new.clone(), later(20)),
            removing.remove(&target, later(20))
        );
        saved.and(removed).unwrap();
        assert_eq!(saving.load(&target).await.unwrap(), Some(new), "{round}");
    }
}
