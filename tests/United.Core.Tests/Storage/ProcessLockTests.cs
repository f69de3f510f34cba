using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Storage;

public sealed class ProcessLockTests
{
    [Theory, EachDatabase]
    public async Task One_process_at_a_time(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        var first = await ProcessLock.Take(test.Database, TimeProvider.System, TestContext.Current.CancellationToken);
        var time = new ManualTime();

        var refused = await Assert.ThrowsAsync<ProcessLockException>(() => Drive(time, ProcessLock.Take(test.Database, time, TestContext.Current.CancellationToken)));

        Assert.Contains("Stop it first", refused.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await using var third = await ProcessLock.Take(test.Database, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(third.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_starting_process_waits_for_one_that_is_on_its_way_out()
    {
        await using var test = await TestDatabase.Create(Engine.Postgres);
        var first = await ProcessLock.Take(test.Database, TimeProvider.System, TestContext.Current.CancellationToken);
        var time = new ManualTime();

        var second = ProcessLock.Take(test.Database, time, TestContext.Current.CancellationToken);
        await first.DisposeAsync();

        await using var taken = await Drive(time, second);
        Assert.False(taken.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task The_lock_is_taken_again_when_the_database_comes_back()
    {
        await using var postgres = await PostgresServer.Start();
        await using var database = PostgresDatabase.Open(await postgres.CreateDatabase());
        var time = new ManualTime();
        await using var first = await ProcessLock.Take(database, time, TestContext.Current.CancellationToken);

        await postgres.Kill();
        await postgres.Start(TestContext.Current.CancellationToken);

        // It is held again as soon as somebody else can't have it.
        while (await IsFree(database)) time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(first.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_was_faster_while_the_database_was_away_has_it_and_the_other_is_told()
    {
        await using var postgres = await PostgresServer.Start();
        await using var database = PostgresDatabase.Open(await postgres.CreateDatabase());
        var time = new ManualTime();
        await using var first = await ProcessLock.Take(database, time, TestContext.Current.CancellationToken);
        await postgres.Kill();
        await postgres.Start(TestContext.Current.CancellationToken);

        await using var faster = await ProcessLock.Take(database, TimeProvider.System, TestContext.Current.CancellationToken);

        var lost = new TaskCompletionSource<bool>();
        first.Lost.Register(() => lost.TrySetResult(true));
        Assert.True(await Drive(time, lost.Task));
    }

    // Both ends of the work run beside us: the clock goes on until the wait is over, whatever its turns.
    private static async Task<T> Drive<T>(ManualTime time, Task<T> until)
    {
        while (!until.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(until, Task.Delay(5));
        }
        return await until;
    }

    private static async Task<bool> IsFree(PostgresDatabase database)
    {
        var locks = await database.Read(sql => sql.Count("select count(*) from pg_locks where locktype = 'advisory' and granted"));
        return locks == 0;
    }
}
