using System.Globalization;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>
/// Encrypted messages are judged one by one on SQLite, and many in a statement on PostgreSQL. Whatever is sent, in whatever batches, the
/// answers and what is stored are the same.
/// </summary>
public sealed class DmFormTests
{
    private const int AtOnce = 12, Places = 5, Kinds = 8, Choices = 6;

    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, (Places * 4 * Kinds * Choices) - 1).ToArbitrary());

    [Fact]
    public async Task Both_forms_answer_and_store_alike()
    {
        await using var one = await DmScene.On(Engine.Sqlite);
        await using var many = await DmScene.On(Engine.Postgres);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, async steps =>
            {
                var (first, second) = (await Town.In(one), await Town.In(many));
                Assert.Equal(await first.Play(steps), await second.Play(steps));
                Assert.Equal(await first.Stored(), await second.Stored());
            }).Check(Histories.Of(40, 80)), TestContext.Current.CancellationToken);
    }

    /// <summary>The same four people and five conversations, with other ids in each scene.</summary>
    private sealed class Town(DmScene scene, Caller[] people, Guid[] conversations)
    {
        private readonly Dictionary<Guid, int> _numbers = people.Select((person, i) => (person.UserId, i)).ToDictionary();

        // Each may be sent several times, by whomever, in one batch or in several.
        private readonly SendDm[][] _known = Array.ConvertAll(conversations, id => Enumerable.Range(0, Choices).Select(_ => DmScene.Sealed(id)).ToArray());

        public static async Task<Town> In(DmScene scene)
        {
            var people = new Caller[4];
            for (var i = 0; i < 4; i++) people[i] = await scene.Person();
            Guid[] conversations =
            [
                await scene.Open(people[0], people[1]), await scene.Open(people[0], people[2]), await scene.Open(people[1], people[3]),
                await scene.Open(people[0], people[3]), await Talks.Over(scene.Scene).Group(people[0], people[1]),
            ];
            await scene.Scene.Access(people[2], 1);
            await scene.Scene.Block(people[3], people[0]);
            await scene.Send(people[1], conversations[2]);
            people[3] = await scene.Rekey(people[3]);
            return new Town(scene, people, conversations);
        }

        /// <returns>What each was answered.</returns>
        public async Task<string> Play(int[] steps)
        {
            var told = new List<string>();
            foreach (var several in steps.Chunk(AtOnce)) told.AddRange((await Task.WhenAll(several.Select(Do))).Select(Told));
            return string.Join('\n', told);
        }

        // Of several messages of one sender in a batch, a statement tells of the last that it has passed over words of the other.
        public async Task<string> Stored()
        {
            var rows = new List<string>();
            for (var i = 0; i < Places; i++)
                rows.AddRange(await scene.Scene.Database.Read(sql => sql.All("""
                    select x.server_sequence, x.revision, x.sender_id, x.type, x.client_id, length(x.payload), x.sent_at, m.last_read_sequence,
                        (select count(*) from (select 1 from receipt_events e where e.conversation_id = x.conversation_id and e.user_id = x.sender_id limit 1) told),
                        c.last_sequence, c.revision
                    from messages x
                    join conversation_members m on m.conversation_id = x.conversation_id and m.user_id = x.sender_id join conversations c on c.id = x.conversation_id
                    where x.conversation_id = @id and x.type = 5 order by x.server_sequence
                    """, row => string.Create(CultureInfo.InvariantCulture,
                        $"{i}: {row.Int64(0)} {row.Int64(1)} {_numbers[row.Uuid(2)]} {row.Int32(3)} {row.TextOrNull(4)} {row.Int32(5)} {row.Int64(6)} {row.Int64(7)} {row.Int64(8)} {row.Int64(9)} {row.Int64(10)}"),
                    ("id", conversations[i]))));
            rows.AddRange(await scene.Scene.Database.Read(sql => sql.All(
                "select requester_id, recipient_id, state from message_requests where conversation_id = @id", row => $"{_numbers[row.Uuid(0)]} asks {_numbers[row.Uuid(1)]}: {row.Int32(2)}",
                ("id", conversations[1]))));
            foreach (var person in people)
            {
                var waiting = (await scene.Queue.Waiting(person, ct: TestContext.Current.CancellationToken)).Value;
                rows.AddRange(waiting.GroupBy(message => Array.IndexOf(conversations, message.ConversationId), message => message.Sequence).OrderBy(place => place.Key)
                    .Select(place => $"for {_numbers[person.UserId]} of {place.Key}: {string.Join(' ', place)}"));
            }
            return string.Join('\n', rows);
        }

        private Task<Result<SentDm>> Do(int step)
        {
            var (place, person, kind, choice) = (step % Places, step / Places % 4, step / (Places * 4) % Kinds, step / (Places * 4 * Kinds));
            var known = _known[place][choice];
            return scene.Send(people[person], kind switch
            {
                0 or 1 => known,
                2 => known with { Payload = RandomNumberGenerator.GetBytes(200) },
                3 => known with { ClientId = $"key {choice}" },
                4 => DmScene.Sealed(conversations[place], clientId: $"key {choice}"),
                _ => DmScene.Sealed(conversations[place], bytes: 100 + choice),
            });
        }

        private static string Told(Result<SentDm> result) =>
            !result.TryGet(out var sent, out var refusal) ? $"{refusal.Fault.Code} {refusal.Field}"
            : string.Create(CultureInfo.InvariantCulture, $"{sent.Message.Sequence} {sent.Message.Revision} {sent.Duplicate} {sent.Message.Sealed!.Payload.Length} {sent.Message.ClientId}");
    }
}
