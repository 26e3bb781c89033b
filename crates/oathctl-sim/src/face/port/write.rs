//! Writing through the port: one call, sent once, one reply an item.

use async_trait::async_trait;
use oathctl_core::seed::SeedSource;
use oathctl_core::tenant::{
    CodeOffer, CodeSource, Create, CreateHow, Delete, Device, Held, NotSent, Remote, Reply, TenantWrite,
    Unassign,
};
use oathctl_core::time::ServerTime;
use oathctl_core::token::{DeviceId, UserId};

use super::PortTenant;
use super::calls::{Answered, Broken, Moment, doubt, remote, too_many};
use super::values::{denied, device, version, words, world_hash};
use crate::face::words::{METHOD_WRITE, POLICY_WRITE, SESSIONS_REVOKE, granted, told_wait_ms};
use crate::guid::Guid;
use crate::options::Permit;
use crate::secret::{CodeText, SeedBytes};
use crate::world::{
    Bulk, CallKind, Changes, Done, NewToken, Refusal, Strike, TokenIx, TokenRef, World, Write,
};

/// What became of one item within an answered call.
enum Item<T> {
    Done(T),
    Refused(Remote, bool),
    Throttled(Option<u64>, Remote),
    Doubt(Remote),
}

impl PortTenant {
    fn replies<T>(&self, count: usize, outcome: Result<Answered<Vec<Item<T>>>, Broken>) -> Vec<Reply<T>> {
        match outcome {
            Ok(answered) => {
                let at = answered.at();
                answered.value.into_iter().map(|item| self.reply(item, at)).collect()
            }
            Err(Broken::Throttled { until, remote }) => {
                (0..count).map(|_| Reply::Throttled { until, remote: remote.clone() }).collect()
            }
            Err(Broken::Doubt(remote)) => {
                (0..count).map(|_| Reply::InDoubt { remote: remote.clone() }).collect()
            }
        }
    }

    fn reply<T>(&self, item: Item<T>, at: ServerTime) -> Reply<T> {
        match item {
            Item::Done(value) => Reply::Done { value, at: Some(at) },
            Item::Refused(remote, whole_call) => Reply::Refused { remote, whole_call },
            Item::Throttled(wait_ms, remote) => {
                Reply::Throttled { until: wait_ms.map(|ms| self.clock.mono().plus_ms(ms)), remote }
            }
            Item::Doubt(remote) => Reply::InDoubt { remote },
        }
    }

    /// A batch of writes that answer nothing.
    async fn batch(
        &self,
        writes: Vec<Result<Write, Refusal>>,
        any_of: &[&str],
        methods: bool,
    ) -> Vec<Reply<()>> {
        let count = writes.len();
        let outcome = self
            .call(CallKind::Write, |world, moment| {
                let one = |write: &Result<Write, Refusal>| match granted(world, any_of) {
                    true => single(world, moment, write.clone()),
                    false => Item::Refused(denied(methods), false),
                };
                writes.iter().map(one).map(forget).collect::<Vec<_>>()
            })
            .await;
        self.replies(count, outcome)
    }

    async fn methods_batch(&self, writes: Vec<Result<Write, Refusal>>) -> Vec<Reply<()>> {
        self.batch(writes, &METHOD_WRITE, true).await
    }

    /// Codes for the whole call, at the tenant's time; waits while one of them asks to.
    async fn codes(&self, count: usize, codes: &dyn CodeSource) -> Result<Vec<Option<CodeText>>, NotSent> {
        'again: loop {
            let at =
                self.server_clock.now(self.clock.mono(), self.clock.utc()).map_err(|_| NotSent::Clock)?;
            let mut offered = Vec::with_capacity(count);
            for item in 0..count {
                match codes.code(item, at, count == 1) {
                    CodeOffer::Ready(code) => {
                        offered.push(Some(CodeText::new(code.expose_code().to_owned())))
                    }
                    CodeOffer::None => offered.push(None),
                    CodeOffer::WaitUntil(later) => {
                        let wait = later.0.ms_since(at.0).max(1);
                        self.pause(u64::try_from(wait).unwrap_or(1)).await;
                        continue 'again;
                    }
                }
            }
            return Ok(offered);
        }
    }
}

/// One inner request of a batch.
fn single(world: &mut World, moment: Moment, write: Result<Write, Refusal>) -> Item<Done> {
    match world.draw_inner() {
        Strike::None => {}
        Strike::TooMany { retry_after_ms } => return Item::Throttled(retry_after_ms, too_many()),
        strike => return Item::Doubt(doubt(strike)),
    }
    if let Err(until) = world.admit(1, moment.arrived, moment.now) {
        return Item::Throttled(told_wait_ms(world, until, moment.now), too_many());
    }
    match write.and_then(|write| world.write(write, moment.when)) {
        Ok(done) => Item::Done(done),
        Err(refusal) => refused(world, refusal, moment.now, false),
    }
}

fn refused<T>(world: &World, refusal: Refusal, now: i64, whole_call: bool) -> Item<T> {
    match refusal {
        Refusal::Quota { until } => Item::Throttled(told_wait_ms(world, until, now), too_many()),
        refusal => Item::Refused(words(world, refusal), whole_call),
    }
}

fn forget(item: Item<Done>) -> Item<()> {
    match item {
        Item::Done(_) => Item::Done(()),
        Item::Refused(remote, whole_call) => Item::Refused(remote, whole_call),
        Item::Throttled(wait_ms, remote) => Item::Throttled(wait_ms, remote),
        Item::Doubt(remote) => Item::Doubt(remote),
    }
}

/// A new device as the reply shows it.
fn shown(world: &World, ix: TokenIx, now: i64) -> Item<Device> {
    match world.token_at(ix, now) {
        Some(view) => Item::Done(device(world, &view, None)),
        None => Item::Refused(words(world, Refusal::NoToken), false),
    }
}

fn token(id: &DeviceId) -> Result<TokenRef, Refusal> {
    Guid::parse(id.as_str()).map(TokenRef::Id).ok_or(Refusal::NoToken)
}

fn person(id: &UserId) -> Result<Guid, Refusal> {
    Guid::parse(id.as_str()).ok_or(Refusal::NoPerson)
}

fn both(held: &Held) -> Result<(TokenRef, Guid), Refusal> {
    Ok((token(&held.device)?, person(&held.user)?))
}

fn new_token(item: &Create, seed: SeedBytes) -> Result<NewToken, Refusal> {
    Ok(NewToken {
        serial: item.serial.clone(),
        manufacturer: item.manufacturer.clone(),
        model: item.model.clone(),
        seed,
        period_s: item.period_secs,
        hash: world_hash(item.hash),
        display_name: None,
        assign_to: item.assign_to.as_ref().map(person).transpose()?,
    })
}

type News = Vec<Result<NewToken, Refusal>>;

/// The same rules as over HTTP: permissions, size, limiter, then the body as a whole.
fn bulk(world: &mut World, moment: Moment, news: &News) -> Vec<Item<Device>> {
    let all = |item: &dyn Fn() -> Item<Device>| news.iter().map(|_| item()).collect::<Vec<_>>();
    if !granted(world, &POLICY_WRITE) {
        return all(&|| Item::Refused(denied(false), true));
    }
    if news.len() > world.options().bulk_max_items.0 {
        return all(&|| {
            Item::Refused(remote(400, "badRequest", "Practice tenant's own wording: too many items."), true)
        });
    }
    if let Err(until) = world.admit(news.len() as u64, moment.arrived, moment.now) {
        let wait = told_wait_ms(world, until, moment.now);
        return all(&|| Item::Throttled(wait, too_many()));
    }
    let Some(news) = permitted(world, news) else { return all(&|| Item::Refused(denied(true), true)) };
    match world.write(Write::Bulk(news.clone()), moment.when) {
        Ok(Done::Bulk(bulk)) => bulk_items(world, moment, news.len(), bulk),
        Ok(_) => all(&|| Item::Doubt(Remote::default())),
        Err(refusal) => news.iter().map(|_| refused(world, refusal, moment.now, true)).collect(),
    }
}

/// Assignments struck out, or `None` for a refusal, when the app may not write methods.
fn permitted(world: &World, news: &News) -> Option<News> {
    let mut news = news.clone();
    let assigns = |new: &Result<NewToken, Refusal>| new.as_ref().is_ok_and(|new| new.assign_to.is_some());
    if granted(world, &METHOD_WRITE) || !news.iter().any(assigns) {
        return Some(news);
    }
    match world.options().assign_to_unpermitted {
        Permit::Allow => {}
        Permit::Forbid => return None,
        Permit::Ignore => news.iter_mut().flatten().for_each(|new| new.assign_to = None),
    }
    Some(news)
}

fn bulk_items(world: &World, moment: Moment, count: usize, bulk: Bulk) -> Vec<Item<Device>> {
    if let Some(refusal) = bulk.ended {
        return (0..count).map(|_| refused(world, refusal, moment.now, true)).collect();
    }
    let one = |item: Result<TokenIx, Refusal>| match item {
        Ok(ix) => shown(world, ix, moment.now),
        Err(refusal) => refused(world, refusal, moment.now, false),
    };
    bulk.items.into_iter().map(one).collect()
}

fn each(world: &mut World, moment: Moment, news: &News) -> Vec<Item<Device>> {
    let mut items = Vec::with_capacity(news.len());
    for new in news {
        if !granted(world, &POLICY_WRITE) {
            items.push(Item::Refused(denied(false), false));
            continue;
        }
        let Some(mut permitted) = permitted(world, &vec![new.clone()]) else {
            items.push(Item::Refused(denied(true), false));
            continue;
        };
        let write = permitted.remove(0).map(Write::Create);
        items.push(match single(world, moment, write) {
            Item::Done(Done::Token(ix)) => shown(world, ix, moment.now),
            Item::Done(_) => Item::Doubt(Remote::default()),
            Item::Refused(remote, whole_call) => Item::Refused(remote, whole_call),
            Item::Throttled(wait_ms, remote) => Item::Throttled(wait_ms, remote),
            Item::Doubt(remote) => Item::Doubt(remote),
        });
    }
    items
}

#[async_trait]
impl TenantWrite for PortTenant {
    async fn create(&self, items: &[Create], how: CreateHow, seeds: &dyn SeedSource) -> Vec<Reply<Device>> {
        let lent = |item: &Create| {
            let mut seed = None;
            let lent = seeds.with_seed(item.seed, &mut |bytes| seed = Some(SeedBytes::new(bytes.to_vec())));
            lent.ok().and(seed)
        };
        let found: Vec<Option<SeedBytes>> = items.iter().map(lent).collect();
        let news: News = items
            .iter()
            .zip(&found)
            .filter_map(|(item, seed)| seed.clone().map(|seed| new_token(item, seed)))
            .collect();
        let outcome = self
            .call(CallKind::Write, |world, moment| match how {
                CreateHow::Bulk => bulk(world, moment, &news),
                CreateHow::Each => each(world, moment, &news),
            })
            .await;
        let mut replies = self.replies(news.len(), outcome).into_iter();
        let never = || Reply::NotSent { why: NotSent::NoSeed, remote: Remote::default() };
        found.iter().map(|seed| seed.as_ref().and_then(|_| replies.next()).unwrap_or_else(never)).collect()
    }

    async fn assign(&self, items: &[Held]) -> Vec<Reply<()>> {
        let write = |held| both(held).map(|(token, person)| Write::Assign { token, person });
        self.methods_batch(items.iter().map(write).collect()).await
    }

    async fn activate(&self, items: &[Held], codes: &dyn CodeSource) -> Vec<Reply<()>> {
        let codes = match self.codes(items.len(), codes).await {
            Ok(codes) => codes,
            Err(why) => {
                return items.iter().map(|_| Reply::NotSent { why, remote: Remote::default() }).collect();
            }
        };
        let write = |(held, code): (&Held, &Option<CodeText>)| {
            let code = code.clone()?;
            let activate = |(token, person)| Write::Activate { token, person, code, display_name: None };
            Some(both(held).map(activate))
        };
        let writes = items.iter().zip(&codes).filter_map(write).collect();
        let mut replies = self.methods_batch(writes).await.into_iter();
        let never = || Reply::NotSent { why: NotSent::NoCode, remote: Remote::default() };
        codes.iter().map(|code| code.as_ref().and_then(|_| replies.next()).unwrap_or_else(never)).collect()
    }

    async fn deactivate(&self, items: &[Held]) -> Vec<Reply<()>> {
        let write = |held| both(held).map(|(token, person)| Write::Deactivate { token, person });
        self.methods_batch(items.iter().map(write).collect()).await
    }

    async fn unassign(&self, items: &[Unassign]) -> Vec<Reply<()>> {
        let write = |item: &Unassign| {
            let etag = item.etag.as_ref().map(version);
            both(&item.held).map(|(token, person)| Write::Unassign { token, person, etag })
        };
        self.methods_batch(items.iter().map(write).collect()).await
    }

    async fn delete(&self, items: &[Delete]) -> Vec<Reply<()>> {
        let write = |item: &Delete| {
            token(&item.device).map(|token| Write::Delete { token, etag: item.etag.as_ref().map(version) })
        };
        self.batch(items.iter().map(write).collect(), &POLICY_WRITE, false).await
    }

    async fn rename(&self, items: &[(DeviceId, String)]) -> Vec<Reply<()>> {
        let write = |(id, name): &(DeviceId, String)| {
            let changes = Changes { display_name: Some(Some(name.clone())), ..Changes::default() };
            token(id).map(|token| Write::Update { token, changes, etag: None })
        };
        self.batch(items.iter().map(write).collect(), &POLICY_WRITE, false).await
    }

    async fn revoke_sessions(&self, users: &[UserId]) -> Vec<Reply<()>> {
        let may = self.sim.lock().world.options().revoke_sessions != Permit::Forbid;
        let any_of: &[&str] = if may { &SESSIONS_REVOKE } else { &[] };
        let write = |user| person(user).map(|person| Write::RevokeSessions { person });
        self.batch(users.iter().map(write).collect(), any_of, false).await
    }
}
