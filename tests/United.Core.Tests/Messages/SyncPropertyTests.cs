using FsCheck;
using FsCheck.Fluent;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class SyncPropertyTests
{
    private const int AtOnce = 8;

    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 84 * 60).ToArbitrary());

    [Theory, EachDatabase]
    public async Task Readers_who_sync_at_random_moments_end_equal_to_a_fresh_load_and_never_go_backwards(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var people = new[] { await scene.Person(Permissions.All), await scene.Person(), await scene.Person() };

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, steps => Play(scene, people, steps))
            .Check(Histories.Of(40, 150)), TestContext.Current.CancellationToken);
    }

    private static async Task Play(LogScene scene, Caller[] people, int[] steps)
    {
        var history = await SyncHistory.Begin(scene, people);
        foreach (var several in steps.Chunk(AtOnce)) await history.Do(several);
        await history.End(TestContext.Current.CancellationToken);
    }
}
