using Microsoft.Extensions.Logging.Abstractions;
using United.Core;
using United.Core.Messages;
using United.Core.Storage;
using United.ReadsBench;
using United.Testing;

// Pages of history, full-text search, and what its follower costs the log, over one channel with 1,000,000 messages (or as many as
// the number given); "postgres" or "sqlite" leaves out the other. With "wait" it asks for a line between filling, which takes minutes,
// and measuring, so that the machine can be made quiet.
var count = args.Select(arg => int.TryParse(arg, out var number) ? number : 0).FirstOrDefault(number => number > 0, 1_000_000);
if (!args.Contains("sqlite"))
{
    await using var server = await PostgresServer.Start(durable: true);
    await using var database = PostgresDatabase.Open(await server.CreateDatabase());
    await Measure("PostgreSQL", database);
}
if (!args.Contains("postgres"))
{
    var directory = Directory.CreateTempSubdirectory("united-reads-bench-").FullName;
    await using (var database = SqliteDatabase.Open(Path.Combine(directory, "united.db"))) await Measure("SQLite", database);
    Directory.Delete(directory, recursive: true);
}

async Task Measure(string name, Database database)
{
    await Migrations.Apply(database, TimeProvider.System);
    var channel = await Channel.Fill(database, count);
    Console.WriteLine($"{name}, {count:N0} messages");
    var follower = new SearchFollower(database, TimeProvider.System, NullLogger<SearchFollower>.Instance);
    var started = TimeProvider.System.GetTimestamp();
    await follower.CatchUp(null, CancellationToken.None);
    Console.WriteLine($"  indexed {count / TimeProvider.System.GetElapsedTime(started).TotalSeconds,12:N0} messages/s");
    if (database is PostgresDatabase) await database.Write(sql => sql.Execute("analyze"));
    if (args.Contains("wait")) await WaitForLine();

    var history = new History(database);
    foreach (var (place, before) in ((string, long)[])[("start", 51), ("middle", count / 2), ("end", count + 1)])
        await Timing.Print($"history, 50 at the {place}", goal: 2, async () => (await history.Page(channel.Reader, new ReadHistory(channel.Id, Before: before))).Value.Messages.Count);
    var search = new Search(database, TimeProvider.System);
    foreach (var (kind, text) in Texts.Queries)
    {
        await Timing.Print($"search, {kind}", goal: 50, () => Find(new SearchMessages(text)));
        await Timing.Print($"search, {kind}, in the channel", goal: 50, () => Find(new SearchMessages(text, channel.Id)));
    }
    await Follow.Compare(database, channel, follower);

    async Task<int> Find(SearchMessages request) => (await search.Find(channel.Reader, request)).Value.Messages.Count;
}

static async Task WaitForLine()
{
    Console.WriteLine("  filled; a line starts the measurement");
    await Console.In.ReadLineAsync();
}
