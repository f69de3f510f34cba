using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using United.Core;
using United.Core.Messages;

namespace United.LogBench;

/// <summary>What is measured: each runs for a while and answers with what it did in a second.</summary>
internal static class Loads
{
    /// <summary>As long as most chat messages are.</summary>
    public static readonly string Content = new('x', 100);

    private const string Insert = """
        insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
        values (@conversation, @sequence, @id, @sender, @id, @content, @sequence, 0)
        """;

    /// <summary>Callers who each post, wait for the acknowledgement, and post again.</summary>
    public static Task<double> Post(Town town, int callers, IReadOnlyList<Guid> channels, TimeSpan time) =>
        Rate(callers, time, async (caller, over) =>
        {
            var (count, person) = (0, town.People[caller % town.People.Count]);
            for (; !over(); count++)
            {
                var result = await town.Log.Post(person, new PostMessage(channels[(caller + count) % channels.Count], Content));
                if (!result.Ok) throw new InvalidOperationException(result.Refusal!.Fault.Code);
            }
            return count;
        });

    /// <summary>The reference: one INSERT of the same row in a transaction of its own, without any check.</summary>
    public static Task<double> InsertPostgres(NpgsqlDataSource source, int connections, TimeSpan time) =>
        Rate(connections, time, async (_, over) =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand(Insert, connection);
            command.Parameters.Add(new NpgsqlParameter<Guid>("conversation", Ids.New(TimeProvider.System)));
            var sequence = new NpgsqlParameter<long>("sequence", 0L);
            var id = new NpgsqlParameter<Guid>("id", Guid.Empty);
            command.Parameters.Add(sequence);
            command.Parameters.Add(id);
            command.Parameters.Add(new NpgsqlParameter<Guid>("sender", Ids.New(TimeProvider.System)));
            command.Parameters.Add(new NpgsqlParameter<string>("content", Content));
            await command.PrepareAsync();
            var count = 0;
            for (; !over(); count++)
            {
                sequence.TypedValue = count + 1;
                id.TypedValue = Ids.New(TimeProvider.System);
                await command.ExecuteNonQueryAsync();
            }
            return count;
        });

    public static double InsertSqlite(string path, TimeSpan time)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var pragmas = new SqliteCommand("pragma synchronous = full", connection);
        pragmas.ExecuteNonQuery();
        using var command = new SqliteCommand(Insert, connection);
        var conversation = Ids.New(TimeProvider.System).ToByteArray(bigEndian: true);
        var sequence = command.Parameters.Add("@sequence", SqliteType.Integer);
        var id = command.Parameters.Add("@id", SqliteType.Blob);
        command.Parameters.AddWithValue("@conversation", conversation);
        command.Parameters.AddWithValue("@sender", conversation);
        command.Parameters.AddWithValue("@content", Content);
        command.Prepare();
        var (clock, count) = (Stopwatch.StartNew(), 0);
        for (; clock.Elapsed < time; count++)
        {
            sequence.Value = count + 1;
            id.Value = Ids.New(TimeProvider.System).ToByteArray(bigEndian: true);
            command.ExecuteNonQuery();
        }
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> Rate(int callers, TimeSpan time, Func<int, Func<bool>, Task<int>> caller)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() => caller(i, () => clock.Elapsed >= time))));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
