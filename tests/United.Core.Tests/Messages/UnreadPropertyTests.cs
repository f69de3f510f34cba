using FsCheck;
using FsCheck.Fluent;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class UnreadPropertyTests
{
    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 16 * 3 * 60).ToArbitrary());

    [Theory, EachDatabase]
    public async Task After_any_sequence_of_sends_edits_deletes_and_reads_unread_is_what_stands_above_the_watermark(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var people = await scene.People(3);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, steps => Play(scene, people, steps))
            .Check(Histories.Of(60, 80)), TestContext.Current.CancellationToken);
    }

    private static async Task Play(LogScene scene, Caller[] people, int[] steps)
    {
        var history = await UnreadHistory.Begin(scene, people);
        foreach (var step in steps) await history.Do(step);
        await history.End();
    }
}
