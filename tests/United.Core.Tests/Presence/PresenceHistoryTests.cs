using FsCheck;
using FsCheck.Fluent;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Presence;

public sealed class PresenceHistoryTests
{
    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, PresenceHistory.Acts - 1).ToArbitrary());

    [Theory, EachDatabase]
    public Task Whatever_happened_everybody_sees_in_the_end_who_is_there(Engine engine) => Check(engine, large: false);

    [Theory, EachDatabase]
    public Task On_a_large_server_everybody_sees_it_of_those_in_their_circles_and_hears_of_nobody_else(Engine engine) => Check(engine, large: true);

    private static async Task Check(Engine engine, bool large)
    {
        var time = new ManualTime();
        await using var log = await LogScene.On(engine, time: time);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, steps => Play(log, time, large, steps))
            .Check(Histories.Of(40, 150)), TestContext.Current.CancellationToken);
    }

    // Other people each time.
    private static async Task Play(LogScene log, ManualTime time, bool large, int[] steps)
    {
        await using var scene = PresenceScene.Beside(log, time);
        if (large) await scene.Grow();
        var history = await PresenceHistory.Begin(scene, large);
        foreach (var step in steps) await history.Do(step);
        await history.End();
    }
}
