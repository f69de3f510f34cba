using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>
/// Posts are judged one by one on SQLite, and many in a statement on PostgreSQL. Whatever is posted, in whatever batches, the answers and
/// what is stored are the same.
/// </summary>
public sealed class PostFormTests
{
    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 6 * 4 * 12 * 10 - 1).ToArbitrary());

    [Theory, InlineData(1), InlineData(12)]
    public async Task All_forms_answer_and_store_alike(int atOnce)
    {
        await using var one = await LogScene.On(Engine.Sqlite);
        await using var many = await LogScene.On(Engine.Postgres);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, async steps =>
            {
                var (first, second) = (await Town.In(one), await Town.In(many));
                Assert.Equal(await first.Play(steps, atOnce), await second.Play(steps, atOnce));
                Assert.Equal(await first.Stored(), await second.Stored());
            }).Check(Histories.Of(40, 80)), TestContext.Current.CancellationToken);
    }

    /// <summary>The same four people and six conversations, with other ids in each scene.</summary>
    private sealed class Town(LogScene scene, Caller[] people, Guid[] conversations, Guid[] files)
    {
        private readonly Dictionary<Guid, string> _names = [];
        private readonly List<Guid>[] _posted = [[], [], [], [], [], []];

        public static async Task<Town> In(LogScene scene)
        {
            var people = await scene.People(4);
            await Access(scene, people[1], MessagingAccess.Requests);
            await Access(scene, people[2], MessagingAccess.Nobody);
            Guid[] conversations =
            [
                await scene.OpenChannel(), await scene.PrivateChannel(people[..2]), await scene.Conversation(ConversationKind.Group, people[..3]),
                await scene.Conversation(ConversationKind.Direct, people[0], people[1]), await scene.Conversation(ConversationKind.Direct, people[0], people[2]),
                await scene.OpenChannel(readOnly: true),
            ];
            await Leave(scene, conversations[2], people[2]);
            var files = new Guid[2];
            for (var i = 0; i < 2; i++) files[i] = await Upload(scene, people[i]);
            return new Town(scene, people, conversations, files);
        }

        /// <returns>What each was answered.</returns>
        public async Task<string> Play(int[] steps, int atOnce)
        {
            for (var i = 0; i < 4; i++) _names[people[i].UserId] = $"person {i}";
            var told = new List<string>();
            foreach (var several in steps.Chunk(atOnce))
            {
                var results = await Task.WhenAll(several.Select((step, i) => Do(step, told.Count + i)));
                told.AddRange(results.Select((result, i) => Told(result, several[i] % 6)));
            }
            return string.Join('\n', told);
        }

        // Of several messages of one sender in a batch, a statement tells of the last that it has passed over words of others.
        public async Task<string> Stored()
        {
            var rows = new List<string>();
            for (var i = 0; i < 6; i++)
                rows.AddRange(await scene.Database.Read(sql => sql.All("""
                    select x.server_sequence, x.revision, x.sender_id, x.type, x.content, m.last_read_sequence,
                        (select count(*) from (select 1 from receipt_events e where e.conversation_id = x.conversation_id and e.user_id = x.sender_id limit 1) told),
                        (select count(*) from mentions n where n.conversation_id = x.conversation_id and n.server_sequence = x.server_sequence),
                        (select count(*) from message_media h where h.message_id = x.id)
                    from messages x join conversation_members m on m.conversation_id = x.conversation_id and m.user_id = x.sender_id
                    where x.conversation_id = @id order by x.server_sequence
                    """, row => string.Create(CultureInfo.InvariantCulture,
                        $"{i}: {row.Int64(0)} {row.Int64(1)} {_names[row.Uuid(2)]} {row.Int32(3)} {row.Text(4)} {row.Int64(5)} {row.Int64(6)} {row.Int64(7)} {row.Int64(8)}"),
                    ("id", conversations[i]))));
            rows.AddRange(await scene.Database.Read(sql => sql.All(
                "select requester_id, recipient_id, state from message_requests where conversation_id = @id", row => $"{_names[row.Uuid(0)]} asks {_names[row.Uuid(1)]}: {row.Int32(2)}",
                ("id", conversations[3]))));
            return string.Join('\n', rows);
        }

        private Task<Result<PostResult>> Do(int step, int number)
        {
            var (place, person, what, rest) = (step % 6, step / 6 % 4, step / 24 % 12, step / 288);
            var post = new PostMessage(conversations[place], $"{number}");
            var (known, all) = (_posted[place], _posted[0]);
            return scene.Log.Post(people[person], what switch
            {
                0 or 6 or 7 => post with { ClientId = $"key {rest % 2}" },
                1 when known.Count > 0 => post with { ReplyToId = known[rest % known.Count] },
                2 when all.Count > 0 => post with { ReplyToId = all[rest % all.Count] },
                3 => post with { Content = number + " @everyone" },
                4 => post with { MediaIds = [files[rest % 2]] },
                5 when all.Count > 0 => post with { SharedPostId = all[rest % all.Count] },
                _ => post,
            });
        }

        private string Told(Result<PostResult> result, int place)
        {
            if (!result.TryGet(out var posted, out var refusal)) return $"{refusal.Fault.Code} {refusal.Field}";
            if (!posted.Duplicate) _posted[place].Add(posted.MessageId);
            return string.Create(CultureInfo.InvariantCulture, $"{posted.Sequence} {posted.Revision} {posted.Duplicate}");
        }

        private static Task<int> Access(LogScene scene, Caller caller, MessagingAccess access) => scene.Database.Write(sql => sql.Execute(
            "update users set messaging_access = @access where id = @id", ("access", (int)access), ("id", caller.UserId)));

        private static Task<int> Leave(LogScene scene, Guid group, Caller member) => scene.Database.Write(sql => sql.Execute(
            "update conversation_members set state = 0 where conversation_id = @id and user_id = @member", ("id", group), ("member", member.UserId)));

        private static async Task<Guid> Upload(LogScene scene, Caller owner)
        {
            var id = Ids.New(scene.Time);
            await scene.Database.Write(sql => sql.Execute("""
                insert into media (id, owner_id, sha256, type, content_type, size, created_at) values (@id, @owner, @hash, 1, 'image/png', 3, 0)
                """, ("id", id), ("owner", owner.UserId), ("hash", new byte[32])));
            return id;
        }
    }
}
