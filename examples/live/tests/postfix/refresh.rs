//! Refreshing in the background.

use super::domain;
use super::world::World;
use live::network::now;
use live::postfix::Refresher;
use live::socketmap::Stop;
use mta_sts::{CacheEntry, CachedPolicy, MemoryStore, Policy, PolicyClient, PolicyStore};
use std::sync::Arc;
use std::time::{Duration, Instant};

const DAY: Duration = Duration::from_secs(86_400);

async fn client(
    world: &World,
    ages: &[(&str, Duration)],
) -> Arc<PolicyClient<World, World, MemoryStore>> {
    let client = PolicyClient::new(world.clone(), world.clone(), MemoryStore::new(1_000));
    let text = b"version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 604800\n";
    for (name, age) in ages {
        let policy = Policy::parse(text).unwrap();
        let policy = CachedPolicy::new(policy, None, now().saturating_sub(*age));
        let entry = CacheEntry::new(Some(policy.into()), None, now());
        client
            .store()
            .save(&domain(name), entry, now())
            .await
            .unwrap();
    }
    Arc::new(client)
}

#[tokio::test]
async fn what_is_due_is_fetched_and_nothing_else() {
    let world = World::default();
    let ages = [
        ("wild.example", 2 * DAY),
        ("testing.example", Duration::from_secs(60)),
        ("enforced.example", 6 * DAY),
        ("none.example", 8 * DAY),
        ("unfetched.example", 2 * DAY),
    ];
    let client = client(&world, &ages).await;
    let mut refresher = Refresher::new(Arc::clone(&client));
    refresher.pace = Duration::ZERO;
    refresher.pass().await;
    let mut asked = world.asked();
    asked.retain(|question| question.starts_with("GET"));
    asked.sort();
    let url = |domain| format!("GET https://mta-sts.{domain}/.well-known/mta-sts.txt");
    let wanted = ["enforced.example", "unfetched.example", "wild.example"].map(url);
    assert_eq!(asked, wanted);
    // Those that came are fresh, the one that did not must wait, and is still there.
    refresher.pass().await;
    assert_eq!(world.asked(), [""; 0]);
    let kept = client
        .store()
        .load(&domain("unfetched.example"))
        .await
        .unwrap();
    assert!(kept.unwrap().fresh(now()).is_some());
}

#[tokio::test]
async fn no_faster_than_the_pace_and_over_when_stopped() {
    let world = World::default();
    let names: Vec<_> = (0..300)
        .map(|number| format!("d{number}.example"))
        .collect();
    let ages: Vec<_> = names.iter().map(|name| (&**name, 2 * DAY)).collect();
    let mut refresher = Refresher::new(client(&world, &ages).await);
    refresher.pace = Duration::from_millis(20);
    let stop = Stop::default();
    let begin = Instant::now();
    let running = tokio::spawn(refresher.run(stop.clone()));
    tokio::time::sleep(Duration::from_millis(400)).await;
    stop.stop();
    running.await.unwrap();
    let most = begin.elapsed().as_millis() / 20 + 1;
    let asked = world.asked();
    let lookups = asked.iter().filter(|question| question.starts_with("TXT"));
    let lookups = lookups.count();
    assert!(
        lookups > 0 && u128::try_from(lookups).unwrap() <= most,
        "{lookups} of {most}"
    );
}
