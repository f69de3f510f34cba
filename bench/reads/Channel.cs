using United.Core;
using United.Core.Storage;

namespace United.ReadsBench;

/// <summary>One open channel that is full, and somebody who reads it.</summary>
internal sealed record Channel(Guid Id, Caller Reader)
{
    private const int AtOnce = 5_000;

    public static async Task<Channel> Fill(Database database, int count)
    {
        var reader = new Caller(Ids.New(TimeProvider.System), Guid.Empty, "reader", "Reader", "", Role.Member, Permissions.None);
        var id = Ids.New(TimeProvider.System);
        await database.Write(async sql =>
        {
            await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, 'reader', 'Reader', 0, 0)", ("id", reader.UserId));
            await sql.Execute("""
                insert into conversations (id, kind, name, name_key, open, created_at, last_sequence, revision) values (@id, 1, 'full', 'full', true, 0, @count, @count)
                """, ("id", id), ("count", (long)count));
        });
        var start = TimeProvider.System.GetUtcNow().AddDays(-400).ToUnixTimeMilliseconds();
        for (var first = 1; first <= count; first += AtOnce)
        {
            var numbers = Enumerable.Range(first, Math.Min(AtOnce, count - first + 1)).ToArray();
            await database.Write(sql => sql.IsPostgres ? All(sql, id, reader.UserId, numbers, start) : One(sql, id, reader.UserId, numbers, start));
        }
        return new Channel(id, reader);
    }

    private static Task<int> All(Sql sql, Guid channel, Guid sender, int[] numbers, long start) => sql.Execute("""
        insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
        select @channel, n, id, @sender, id, content, n, @start + n * 30000 from unnest(@numbers, @ids, @contents) row (n, id, content)
        """,
        ("channel", channel), ("sender", sender), ("start", start), ("numbers", numbers.Select(n => (long)n).ToArray()),
        ("ids", numbers.Select(_ => Ids.NewMessage(TimeProvider.System, channel)).ToArray()), ("contents", numbers.Select(_ => Texts.Next()).ToArray()));

    private static async Task<int> One(Sql sql, Guid channel, Guid sender, int[] numbers, long start)
    {
        foreach (var n in numbers)
            await sql.Execute("""
                insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
                values (@channel, @n, @id, @sender, @id, @content, @n, @at)
                """,
                ("channel", channel), ("n", (long)n), ("id", Ids.NewMessage(TimeProvider.System, channel)), ("sender", sender), ("content", Texts.Next()), ("at", start + (n * 30_000L)));
        return numbers.Length;
    }
}
