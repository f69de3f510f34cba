using United.Testing;
using United.WebSockets;

namespace United.SocketIo.Tests.EngineIo;

/// <summary>When the process collects what handshakes leave behind.</summary>
public sealed class LeftoversTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly Leftovers _leftovers;
    private long _allocated = 1_000_000_000;
    private int _collections;

    public LeftoversTests() => _leftovers = new Leftovers(_time, () => _allocated, () => _collections++);

    [Fact]
    public void Many_handshakes_and_then_quiet_are_followed_by_one_collection()
    {
        Come(Leftovers.Many);
        Pass(seconds: 5, allocated: Leftovers.Little);
        Assert.Equal(0, _collections);

        Pass(seconds: 5, allocated: Leftovers.Little - 1);
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Few_handshakes_are_not_worth_a_collection()
    {
        Come(Leftovers.Many - 1);
        Pass(seconds: 5, allocated: 0);

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void The_next_collection_takes_as_many_handshakes_again()
    {
        Come(Leftovers.Many);
        Pass(seconds: 5, allocated: 0);
        Come(Leftovers.Many - 1);
        Pass(seconds: 5, allocated: 0);
        Assert.Equal(1, _collections);

        Come(1);
        Pass(seconds: 5, allocated: 0);
        Assert.Equal(2, _collections);
    }

    private void Come(int handshakes)
    {
        for (var i = 0; i < handshakes; i++) _leftovers.HandshakeIsOver();
    }

    private void Pass(int seconds, long allocated)
    {
        for (var i = 0; i < seconds; i++)
        {
            _allocated += allocated;
            _time.Advance(Second);
        }
    }
}
