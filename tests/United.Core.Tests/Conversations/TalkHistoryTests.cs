using FsCheck;
using FsCheck.Fluent;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

public sealed class TalkHistoryTests
{
    private const int AtOnce = 8;

    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 72 * 60).ToArbitrary());

    [Theory, EachDatabase]
    public async Task Devices_that_sync_at_random_moments_end_equal_to_one_that_is_switched_on_for_the_first_time(Engine engine)
    {
        await using var scene = await LogScene.On(engine);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, steps => Play(scene, steps))
            .Check(Histories.Of(30, 120)), TestContext.Current.CancellationToken);
    }

    // Other people each time: what the last ones wrote to each other stays theirs.
    private static async Task Play(LogScene scene, int[] steps)
    {
        var people = await scene.People(4);
        await scene.Access(people[1], 1);
        await scene.Access(people[2], 1);
        var history = await TalkHistory.Begin(scene, people);
        foreach (var several in steps.Chunk(AtOnce)) await history.Do(several);
        await history.End(TestContext.Current.CancellationToken);
    }
}
