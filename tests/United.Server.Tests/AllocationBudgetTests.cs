using System.Text.Json;
using United.Benchmarks;
using Xunit;

namespace United.Server.Tests;

/// <summary>Holds the hot path to the bytes that it may allocate per operation (<c>bench/budgets.json</c>). Nothing here is timed.</summary>
public sealed class AllocationBudgetTests
{
    private const int Operations = 50;

    private static readonly Dictionary<string, long> Budgets =
        JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "budgets.json")))!;

    public static TheoryData<string> Names => [.. Workloads.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void An_operation_allocates_no_more_than_its_budget(string name)
    {
        var work = Workloads.All[name]();
        for (var i = 0; i < Operations; i++) work();
        Assert.True(Allocated(work) <= Budgets[name], $"{name} allocates {Allocated(work)} bytes per operation; its budget is {Budgets[name]}.");
    }

    [Fact]
    public void Every_budget_belongs_to_an_operation() => Assert.Equal(Workloads.All.Keys.Order(), Budgets.Keys.Order());

    [Fact]
    public void Telling_an_event_allocates_the_same_for_ten_receivers_and_for_ten_thousand() =>
        Assert.Equal(Budgets["fan_out_open_10"], Budgets["fan_out_open_10000"]);

    private static long Allocated(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Operations; i++) work();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Operations;
    }
}
