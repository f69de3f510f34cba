using FsCheck;
using FsCheck.Fluent;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class LogHistoryTests
{
    private const int AtOnce = 6;

    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 80 * 60).ToArbitrary());

    [Theory, EachDatabase]
    public async Task Whatever_is_done_revisions_are_dense_and_events_tell_what_is_stored(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var people = await scene.People(3);
        people = [.. people, await scene.Person(Permissions.ManageMessages)];

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, steps => Play(scene, people, steps))
            .Check(Histories.Of(40, 120)), TestContext.Current.CancellationToken);
    }

    private static async Task Play(LogScene scene, Caller[] people, int[] steps)
    {
        var history = await LogHistory.Begin(scene, people);
        foreach (var several in steps.Chunk(AtOnce)) await Task.WhenAll(several.Select(history.Do));
        await history.End();
    }
}
