using System.Globalization;
using United.ConversationsBench;
using United.Core.Storage;
using United.Testing;

// Conversations over Socket.IO against the gateway that a Node team would build (bench/peers/node-gateway, after npm ci there), with
// the same clients, on one PostgreSQL, in one run. Needs redis-server, for the reference alone.
// usage: [sends|groups|large] [rounds] [seconds]; memory is a run of its own, and so is encrypted [postgres|sqlite]: United alone
var only = args.FirstOrDefault(arg => !char.IsDigit(arg[0])) ?? "";
var numbers = args.Where(arg => char.IsDigit(arg[0])).Select(arg => int.Parse(arg, CultureInfo.InvariantCulture)).ToArray();
var (rounds, time) = (numbers.ElementAtOrDefault(0) is > 0 and var some ? some : 3, TimeSpan.FromSeconds(numbers.ElementAtOrDefault(1) is > 0 and var many ? many : 5));

await using var postgres = await PostgresServer.Start(durable: true);
if (only == "encrypted")
{
    Engine[] engines = args.Contains("postgres") ? [Engine.Postgres] : args.Contains("sqlite") ? [Engine.Sqlite] : [Engine.Postgres, Engine.Sqlite];
    await EncryptedSends.Run(postgres, engines, numbers.ElementAtOrDefault(0) is > 0 and var asked ? asked : 5, numbers.Length > 1 ? time : TimeSpan.FromSeconds(3));
    return;
}
await using var redis = await RedisProcess.Start();
await using var transaction = await Reference.Start(postgres, redis, "transaction");
await using var statement = await Reference.Start(postgres, redis, "statement");
await using var united = await United.ConversationsBench.United.Start(postgres);
Peer[] all = [transaction, statement, united];

if (only == "memory")
{
    await Comparison.RunMemory([transaction, united]);
    return;
}
foreach (var peer in all) await peer.Settle();
if (Asked("sends"))
{
    await Comparison.Run("sends, conversations of two, 64 in flight (acknowledged/s)", all, rounds, peer => Scenarios.Sends(peer, 64, time), [6, 3]);
    await Comparison.Run("sends, conversations of two, 1,000 in flight (acknowledged/s)", all, rounds, peer => Scenarios.Sends(peer, 1000, time), [10, null]);
}
if (Asked("groups")) await Comparison.RunLatency("500 clients in groups of ten, 200 messages a second, to the last receiver (ms)", all, rounds, peer => Scenarios.Groups(peer, time));
if (Asked("large")) await Comparison.Run("a group of 2,000 on line, four in flight (deliveries/s)", all, rounds, peer => Scenarios.Large(peer, time), [8, null]);

bool Asked(string scenario) => only.Length == 0 || only == scenario;
