using System.Collections.Concurrent;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Promise 1, with the real executable: what was acknowledged survives kill -9 of the server and of the database.</summary>
public sealed class DurabilityTests
{
    private const int Writers = 8;
    private const int BeforeTheKill = 400;

    [Theory, EachDatabase]
    public async Task What_was_acknowledged_survives_kill_9_of_the_server(Engine engine)
    {
        await using var database = engine == Engine.Postgres ? await PostgresServer.Start() : null;
        await using var united = await KillableServer.Start(database is null ? null : await database.CreateDatabase());
        var token = await united.RegisterOwner();
        var channel = await General(united, token);
        var load = new Load(united, token, channel);
        var writing = load.Write();
        await load.Acknowledged;
        await united.Kill();
        await writing;
        await united.Start();
        await load.RetryUnknown();
        await load.Check();
    }

    [Fact]
    public async Task What_was_acknowledged_survives_kill_9_of_PostgreSQL_and_the_server_goes_on()
    {
        await using var database = await PostgresServer.Start();
        await using var united = await KillableServer.Start(await database.CreateDatabase());
        var token = await united.RegisterOwner();
        var channel = await General(united, token);
        var load = new Load(united, token, channel);
        var writing = load.Write();
        await load.Acknowledged;
        await database.Kill();
        await writing;
        await database.Start(CancellationToken.None);
        await load.RetryUnknown();
        await load.Check();
    }

    private static async Task<Guid> General(KillableServer united, string token)
    {
        await using var driver = new RestDriver(united.Address, token);
        return Assert.Single((await driver.Sync(new Dictionary<Guid, long>())).Must().Added);
    }

    /// <summary>Writers who note what they attempted and what they were promised, until the first thing goes wrong.</summary>
    private sealed class Load(KillableServer united, string token, Guid channel)
    {
        private readonly ConcurrentDictionary<string, Posted> _promised = new();
        private readonly ConcurrentDictionary<string, bool> _unknown = new();
        private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Acknowledged => _enough.Task;

        public Task Write() => Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteUntilItEnds));

        /// <summary>What may or may not have been stored is sent again, until it is acknowledged.</summary>
        public async Task RetryUnknown()
        {
            await using var driver = new RestDriver(united.Address, token);
            foreach (var id in _unknown.Keys)
            {
                Outcome<Posted> outcome;
                do outcome = await driver.Post(channel, id, clientId: id);
                while (outcome.Status == 503);
                _promised[id] = outcome.Must();
            }
        }

        /// <summary>Everything promised is there once, under its number; numbers are 1 to n; nothing is there that nobody sent.</summary>
        public async Task Check()
        {
            await using var driver = new RestDriver(united.Address, token);
            var all = new List<SeenMessage>();
            for (var more = true; more;)
            {
                var page = (await driver.History(channel, after: all.Count == 0 ? 0 : all[^1].Sequence, limit: 100)).Must();
                all.AddRange(page.Messages.Reverse());
                more = page.HasMore;
            }
            Assert.True(all.Count >= BeforeTheKill);
            Assert.Equal(Enumerable.Range(1, all.Count).Select(number => (long)number), all.Select(message => message.Sequence));
            Assert.Equal(_promised.Keys.Order(StringComparer.Ordinal), all.Select(message => message.Content).Order(StringComparer.Ordinal));
            Assert.All(all, message => Assert.Equal((message.Id, message.Sequence), (_promised[message.Content].Id, _promised[message.Content].Sequence)));
        }

        private async Task WriteUntilItEnds(int writer)
        {
            await using var driver = new ProtoDriver(await ProtoClient.SignIn(united.Address, token));
            for (var number = 0; ; number++)
            {
                var id = $"w{writer}-{number}";
                _unknown[id] = true;
                if (await TryPost(driver, id) is not { Code: null } posted) return;
                _promised[id] = posted.Must();
                _unknown.TryRemove(id, out _);
                if (_promised.Count >= BeforeTheKill) _enough.TrySetResult();
            }
        }

        private async Task<Outcome<Posted>?> TryPost(ProtoDriver driver, string id)
        {
            try
            {
                return await driver.Post(channel, id, clientId: id);
            }
            catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or System.Net.WebSockets.WebSocketException)
            {
                return null;
            }
        }
    }
}
