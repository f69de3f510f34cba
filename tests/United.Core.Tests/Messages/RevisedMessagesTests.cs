using FsCheck;
using FsCheck.Fluent;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Without an index of all revisions the same is found as by looking at every message.</summary>
public sealed class RevisedMessagesTests
{
    private const string Every = "select server_sequence, revision from messages where conversation_id = @id and revision > @since order by revision limit @most";

    private static readonly ChangedRows<(long, long)> Revised = new("messages", "x", "x.server_sequence, x.revision", "", Map, RevisedMessages.Select);

    // Of messages that share a post.
    private static readonly string[] Changes = ["deleted = true, shared_post_id = null", "edited_at = 1", "shared_post_id = null"];

    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 999).ToArbitrary());

    [Theory, EachDatabase]
    public async Task What_was_stamped_above_any_revision_is_found_however_messages_were_changed(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, async steps =>
        {
            var conversation = Ids.New(TimeProvider.System);
            var revision = await test.Database.Write(sql => Play(sql, conversation, steps));
            foreach (var most in (int[])[1, 3, 500])
                for (var since = -1L; since <= revision + 1; since++)
                    Assert.Equal(
                        await test.Database.Read(sql => sql.All(Every, Map, ("id", conversation), ("since", since), ("most", most))),
                        await test.Database.Read(sql => Revised.Read(sql, [conversation], [since], most)));
        }).Check(Histories.Of(40, 80)), TestContext.Current.CancellationToken);
    }

    private static async Task<long> Play(Sql sql, Guid conversation, int[] steps)
    {
        var (sequence, revision) = (0L, 0L);
        foreach (var step in steps)
        {
            revision++;
            // Most are messages; the others change one of them, or something else in the conversation.
            if (step % 5 < 3) await Post(sql, conversation, ++sequence, revision);
            else if (step % 5 == 3 && sequence > 0) await Revise(sql, conversation, 1 + (step % sequence), revision, Changes[step % 3]);
        }
        await sql.Execute("insert into conversations (id, kind, created_at, last_sequence, revision) values (@id, 2, 0, @sequence, @revision)",
            ("id", conversation), ("sequence", sequence), ("revision", revision));
        return revision;
    }

    private static Task<int> Post(Sql sql, Guid conversation, long sequence, long revision) => sql.Execute("""
        insert into messages (conversation_id, server_sequence, id, sender_id, send_key, type, content, shared_post_id, revision, timestamp)
        values (@conversation, @sequence, @id, @id, @id, 3, '', @id, @revision, 0)
        """, ("conversation", conversation), ("sequence", sequence), ("id", Ids.New(TimeProvider.System)), ("revision", revision));

    private static Task<int> Revise(Sql sql, Guid conversation, long sequence, long revision, string change) => sql.Execute(
        $"update messages set {change}, revision = @revision where conversation_id = @conversation and server_sequence = @sequence",
        ("conversation", conversation), ("sequence", sequence), ("revision", revision));

    private static (long, long) Map(SqlRow row) => (row.Int64(0), row.Int64(1));
}
