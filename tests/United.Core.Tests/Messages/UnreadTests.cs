using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class UnreadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task After_any_sequence_of_sends_edits_deletes_and_reads_unread_is_what_stands_above_the_watermark(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var people = await scene.People(3);
        for (var seed = 1; seed <= 12; seed++)
        {
            var (random, channel) = (new Random(seed), await scene.OpenChannel());
            var model = new Model(people.Select(person => person.UserId));
            for (var step = 0; step < 25; step++) await Act(scene, random, channel, people, model);

            // Two devices of one person read at the same time.
            var (one, other) = (random.Next(model.Sent.Count + 1), random.Next(model.Sent.Count + 1));
            await Task.WhenAll(Read(scene, channel, people[0], model, one), Read(scene, channel, people[0], model, other));

            foreach (var person in people)
            {
                var state = await scene.Database.Read(sql => UnreadCounts.Of(sql, person.UserId, channel));
                Assert.Equal((seed, person.Username, model.Read[person.UserId], model.Unread(person.UserId), model.Mentions(person.UserId)),
                    (seed, person.Username, state.LastRead, state.UnreadCount, state.MentionCount));
            }
        }
    }

    [Theory, EachDatabase]
    public async Task Counts_stop_at_999_and_roles_and_everyone_are_mentions(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(Permissions.MentionEveryone), await scene.Person());
        var (full, quiet, role) = (await scene.OpenChannel(), await scene.OpenChannel(), Ids.New(scene.Time));
        await scene.Database.Write(async sql =>
        {
            await sql.Execute("insert into roles (id, name, name_key) values (@id, 'r', 'r')", ("id", role));
            await sql.Execute("insert into role_members (role_id, user_id) values (@id, @user)", ("id", role), ("user", bob.UserId));
        });
        await Task.WhenAll(Enumerable.Range(0, 1005).Select(i => scene.Log.Post(ada, new PostMessage(full, $"@user:{bob.UserId} {i}"), Ct)));
        foreach (var text in (string[])[$"@role:{role} and @everyone and @user:{bob.UserId}", "@everyone", $"@role:{role}", $"@user:{ada.UserId}", "nobody"])
            await scene.Log.Post(ada, new PostMessage(quiet, text), Ct);

        var states = await scene.Database.Read(sql => UnreadCounts.Of(sql, bob.UserId, [full, quiet, Ids.New(scene.Time)]));

        Assert.Equal((999, 999), (states[full].UnreadCount, states[full].MentionCount));
        Assert.Equal((5, 3), (states[quiet].UnreadCount, states[quiet].MentionCount));
        Assert.Equal(2, states.Count);
        Assert.Equal((0, 0), (await scene.Database.Read(sql => UnreadCounts.Of(sql, ada.UserId, quiet))) is var own ? (own.UnreadCount, own.MentionCount) : default);
    }

    private static async Task Act(LogScene scene, Random random, Guid channel, Caller[] people, Model model)
    {
        var who = people[random.Next(people.Length)];
        var mine = model.Sent.Where(sent => sent.By == who.UserId && !sent.Deleted).ToArray();
        switch (random.Next(6))
        {
            case 0 when mine.Length > 0:
                var edited = mine[random.Next(mine.Length)];
                edited.Mentioned = random.Next(2) == 0 ? people[random.Next(people.Length)].UserId : null;
                Assert.True((await scene.Log.Edit(who, new EditMessage(channel, edited.Id, Text(edited.Mentioned)), Ct)).Ok);
                break;
            case 1 when mine.Length > 0:
                var deleted = mine[random.Next(mine.Length)];
                Assert.True((await scene.Log.Delete(who, new DeleteMessage(channel, deleted.Id), Ct)).Ok);
                deleted.Deleted = true;
                break;
            case 2:
                await Read(scene, channel, who, model, random.Next(model.Sent.Count + 3));
                break;
            default:
                var mentioned = random.Next(3) == 0 ? people[random.Next(people.Length)].UserId : (Guid?)null;
                var posted = (await scene.Log.Post(who, new PostMessage(channel, Text(mentioned)), Ct)).Value;
                model.Sent.Add(new Sent(posted.MessageId, posted.Sequence, who.UserId) { Mentioned = mentioned });
                model.Move(who.UserId, posted.Sequence);
                break;
        }
    }

    private static async Task Read(LogScene scene, Guid channel, Caller who, Model model, long sequence)
    {
        Assert.True((await scene.Log.MarkRead(who, new MoveWatermark(channel, sequence), Ct)).Ok);
        lock (model) model.Move(who.UserId, sequence);
    }

    private static string Text(Guid? mentioned) => mentioned is { } user ? $"hello @user:{user}" : "hello";

    private sealed record Sent(Guid Id, long Sequence, Guid By)
    {
        public Guid? Mentioned { get; set; }
        public bool Deleted { get; set; }
    }

    private sealed class Model(IEnumerable<Guid> people)
    {
        public List<Sent> Sent { get; } = [];
        public Dictionary<Guid, long> Read { get; } = people.ToDictionary(person => person, _ => 0L);

        public void Move(Guid user, long sequence) => Read[user] = Math.Max(Read[user], Math.Min(sequence, Sent.Count));

        public int Unread(Guid user) => Above(user).Count();

        public int Mentions(Guid user) => Above(user).Count(sent => sent.Mentioned == user);

        private IEnumerable<Sent> Above(Guid user) => Sent.Where(sent => sent.Sequence > Read[user] && sent.By != user && !sent.Deleted);
    }
}
