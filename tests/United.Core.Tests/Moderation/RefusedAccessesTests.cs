using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Moderation;

/// <summary>Abuse cases 1 to 19: a refused access is in the audit, and whoever tries a great many does not fill it.</summary>
public sealed class RefusedAccessesTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.7");
    private static readonly Guid Hidden = Guid.CreateVersion7();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Refusals_of_one_kind_are_one_row_that_counts(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var eve = Guid.CreateVersion7();
        scene.Note(eve, "GET /api/channels/{id}");
        await scene.Refused.Write();
        Assert.Equal([$"{eve} access.refused {Hidden} GET /api/channels/{{id}} not_found from 192.0.2.7"], await scene.Rows());

        for (var i = 0; i < 40; i++) scene.Note(eve, "GET /api/channels/{id}", target: Guid.CreateVersion7());
        scene.Note(eve, "GET /api/channels/{id}", Fault.Forbidden);
        await scene.Refused.Write();
        Assert.Equal(
            [$"{eve} access.refused {Hidden} GET /api/channels/{{id}} forbidden from 192.0.2.7", $"{eve} access.refused {Hidden} GET /api/channels/{{id}} not_found from 192.0.2.7, 41 times"],
            await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task An_account_has_a_bounded_number_of_rows_an_hour_and_what_goes_beyond_is_counted(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var (eve, mallory) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var i = 0; i < 1_000; i++) scene.Note(eve, "typing", address: new IPAddress([10, 0, (byte)(i / 250), (byte)(i % 250)]));
        scene.Note(mallory, "typing");
        await scene.Refused.Write();

        Assert.Equal(RefusedAccesses.MostKinds + 2, (await scene.Rows()).Length);
        Assert.Contains($"{eve} access.refused  others, {1_000 - RefusedAccesses.MostKinds} times", await scene.Rows());

        scene.Time.Advance(TimeSpan.FromHours(1));
        await scene.Refused.Write();
        scene.Note(eve, "typing");
        await scene.Refused.Write();
        Assert.Equal(RefusedAccesses.MostKinds + 3, (await scene.Rows()).Length);
    }

    [Fact]
    public async Task So_has_the_server_however_many_accounts_try()
    {
        await using var scene = await Scene.On(Engine.Sqlite);
        for (var i = 0; i < RefusedAccesses.MostRows + 300; i++) scene.Note(Guid.CreateVersion7(), "typing");
        await scene.Refused.Write();

        var rows = await scene.Rows();
        Assert.Equal(RefusedAccesses.MostRows + 1, rows.Length);
        Assert.Contains(" access.refused  others, 300 times", rows);
    }

    [Theory, EachDatabase]
    public async Task They_are_kept_for_ninety_days_and_the_acts_for_ever(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var eve = Guid.CreateVersion7();
        await scene.Test.Database.Write(sql => Audit.Write(sql, scene.Time, eve, "role.created"));
        scene.Note(eve, "typing");
        await scene.Refused.Write();
        scene.Time.Advance(TimeSpan.FromDays(90));
        await scene.Refused.Tidy(Ct);
        Assert.Equal(2, (await scene.Rows()).Length);

        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await scene.Refused.Tidy(Ct);
        Assert.Equal([$"{eve} role.created  "], await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task What_is_not_written_yet_is_written_at_the_end(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        using var stop = new CancellationTokenSource();
        var running = scene.Refused.Run(stop.Token);
        scene.Note(Guid.CreateVersion7(), "typing");
        await stop.CancelAsync();
        await running;
        Assert.Single(await scene.Rows());
    }

    private sealed record Scene(TestDatabase Test, ManualTime Time, RefusedAccesses Refused) : IAsyncDisposable
    {
        public static async Task<Scene> On(Engine engine)
        {
            var (test, time) = (await TestDatabase.Create(engine), new ManualTime());
            return new Scene(test, time, new RefusedAccesses(test.Database, time, NullLogger<RefusedAccesses>.Instance));
        }

        public void Note(Guid who, string asked, Fault? fault = null, IPAddress? address = null, Guid? target = null) =>
            Refused.Note(new RefusedAccess(who, address ?? Here, asked, fault ?? Fault.NotFound, target ?? Hidden));

        public async Task<string[]> Rows() => [.. (await Test.Database.Read(sql => sql.All(
            "select actor_id, action, target_id, detail from audit", row => $"{row.UuidOrNull(0)} {row.Text(1)} {row.UuidOrNull(2)} {row.Text(3)}"))).Order(StringComparer.Ordinal)];

        public ValueTask DisposeAsync() => Test.DisposeAsync();
    }
}
