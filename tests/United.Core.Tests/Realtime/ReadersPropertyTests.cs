using FsCheck;
using FsCheck.Fluent;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>An event reaches exactly the connections of the users who may read that conversation at that moment, no other.</summary>
public sealed class ReadersPropertyTests
{
    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, 16 * 40 * 12).ToArbitrary());

    [Fact]
    public void Exactly_those_who_may_read_hear_on_one_node() => Check(nodes: 1, NetworkManners.Good, slow: false);

    [Fact]
    public void Exactly_those_who_may_read_hear_on_two_nodes() => Check(nodes: 2, NetworkManners.Good, slow: false);

    [Fact]
    public void Exactly_those_who_may_read_hear_while_the_database_is_slow() => Check(nodes: 1, NetworkManners.Good, slow: true);

    [Fact]
    public void Exactly_those_who_may_read_hear_on_two_nodes_whose_network_loses_doubles_and_reorders() => Check(nodes: 2, NetworkManners.Bad, slow: true);

    private static void Check(int nodes, NetworkManners manners, bool slow) =>
        Prop.ForAll(Steps, steps => Play(steps, nodes, manners, slow)).Check(Histories.Of(200, 150));

    private static async Task Play(int[] steps, int nodes, NetworkManners manners, bool slow)
    {
        using var history = ReadersHistory.Begin(nodes, manners, slow, seed: steps.Length);
        foreach (var step in steps) await history.Do(step);
        await history.End();
    }
}
