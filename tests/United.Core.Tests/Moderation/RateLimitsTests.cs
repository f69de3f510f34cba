using System.Net;
using United.Core.Moderation;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Moderation;

public sealed class RateLimitsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_burst_is_let_through_then_one_at_a_time()
    {
        var limits = new RateLimits(new LimitsOptions(), _time);
        var user = Guid.CreateVersion7();
        for (var i = 0; i < 30; i++) Assert.Null(await limits.Ask(Limit.Message, user));

        var refusal = await limits.Ask(Limit.Message, user);

        Assert.Equal((Fault.RateLimited, TimeSpan.FromMilliseconds(100)), (refusal?.Fault, refusal?.RetryAfter));
        Assert.Null(await limits.Ask(Limit.Message, Guid.CreateVersion7()));
        Assert.Null(await limits.Ask(Limit.Typing, user));
        _time.Advance(refusal!.RetryAfter!.Value);
        Assert.Null(await limits.Ask(Limit.Message, user));
        Assert.NotNull(await limits.Ask(Limit.Message, user));
        _time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 30; i++) Assert.Null(await limits.Ask(Limit.Message, user));
        Assert.NotNull(await limits.Ask(Limit.Message, user));
    }

    [Fact]
    public async Task Many_at_once_take_no_more_than_there_is()
    {
        var limits = new RateLimits(new LimitsOptions(), _time);
        var user = Guid.CreateVersion7();

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () => await limits.Ask(Limit.Message, user))));

        Assert.Equal(30, answers.Count(answer => answer is null));
    }

    [Theory]
    [InlineData(Limit.LogInByAccount, 5, 12)]
    [InlineData(Limit.LogInByAddress, 30, 2)]
    [InlineData(Limit.Challenge, 30, 2)]
    [InlineData(Limit.Refresh, 10, 6)]
    [InlineData(Limit.Register, 3, 1200)]
    [InlineData(Limit.InviteProbe, 10, 360)]
    [InlineData(Limit.Message, 30, 0.1)]
    [InlineData(Limit.Conversation, 60, 60)]
    [InlineData(Limit.GroupChange, 60, 1)]
    [InlineData(Limit.Typing, 1, 2)]
    [InlineData(Limit.Status, 30, 2)]
    [InlineData(Limit.Search, 10, 6)]
    [InlineData(Limit.Upload, 20, 3)]
    [InlineData(Limit.UploadByAddress, 120, 0.5)]
    [InlineData(Limit.Frame, 200, 0.02)]
    public void The_limits_are_those_of_the_specification(Limit limit, int burst, double seconds)
    {
        var bucket = new RateLimits(new LimitsOptions(), _time).NewBucket(limit);
        for (var i = 0; i < burst; i++) Assert.Equal(TimeSpan.Zero, bucket.Take());

        Assert.Equal(TimeSpan.FromSeconds(seconds), bucket.Take());
    }

    [Fact]
    public async Task What_is_given_back_was_not_taken()
    {
        var limits = new RateLimits(new LimitsOptions(), _time);
        var address = RateLimits.Subject(IPAddress.Loopback);
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await limits.Ask(Limit.Register, address));
            limits.GiveBack(Limit.Register, address);
        }
        for (var i = 0; i < 3; i++) Assert.Null(await limits.Ask(Limit.Register, address));
        Assert.NotNull(await limits.Ask(Limit.Register, address));
    }

    [Fact]
    public async Task Memory_is_bounded_and_who_has_used_up_their_share_is_not_forgotten_for_idle_ones()
    {
        var limits = new RateLimits(new LimitsOptions(), _time);
        var idle = Enumerable.Range(0, RateLimits.MostBuckets - 1).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var subject in idle) await limits.Ask(Limit.Typing, subject);
        _time.Advance(TimeSpan.FromSeconds(2));
        var busy = Guid.CreateVersion7();
        for (var i = 0; i < 3; i++) await limits.Ask(Limit.Register, busy);

        for (var i = 0; i < 1000; i++) await limits.Ask(Limit.Typing, Guid.CreateVersion7());

        Assert.NotNull(await limits.Ask(Limit.Register, busy));
        Assert.True(limits.Buckets < RateLimits.MostBuckets);
    }

    [Fact]
    public async Task A_flood_of_subjects_does_not_grow_memory()
    {
        var limits = new RateLimits(new LimitsOptions(), _time);

        for (var i = 0; i < RateLimits.MostBuckets + 5_000; i++) await limits.Ask(Limit.Register, Guid.CreateVersion7());

        Assert.True(limits.Buckets <= RateLimits.MostBuckets);
    }

    [Theory]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)] // one household
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void An_address_counts_as_one_however_it_is_written(string one, string other, bool same) =>
        Assert.Equal(same, RateLimits.Subject(IPAddress.Parse(one)) == RateLimits.Subject(IPAddress.Parse(other)));

    [Fact]
    public void Connections_are_counted_while_they_last()
    {
        var counts = new ConnectionCounts(new LimitsOptions { SocketsPerUser = 2, SocketsPerAddress = 3 });
        var user = Guid.CreateVersion7();
        using var first = counts.Enter(user);
        var second = counts.Enter(user);
        Assert.Null(counts.Enter(user));
        second!.Dispose();
        second.Dispose();
        Assert.NotNull(counts.Enter(user));
        Assert.Null(counts.Enter(user));

        var address = IPAddress.Parse("203.0.113.7");
        for (var i = 0; i < 3; i++) Assert.NotNull(counts.Enter(address));
        Assert.Null(counts.Enter(address));
        for (var i = 0; i < 300; i++) Assert.NotNull(counts.Enter(IPAddress.Loopback));
    }
}
