using United.Core.Realtime;

namespace United.Testing;

/// <summary>How badly a network treats what is published. The node that publishes always hears itself.</summary>
/// <param name="Loses">Share of frames that never arrive, 0 to 1.</param>
/// <param name="Doubles">Share of frames that arrive twice.</param>
/// <param name="Delays">Share of frames that come late, and so out of order.</param>
/// <param name="LongestDelay">Of those that come late.</param>
public sealed record NetworkManners(double Loses, double Doubles, double Delays, TimeSpan LongestDelay)
{
    public static readonly NetworkManners Good = new(0, 0, 0, TimeSpan.Zero);
    public static readonly NetworkManners Bad = new(0.2, 0.2, 0.4, TimeSpan.FromMilliseconds(80));
}

/// <summary>
/// Joins several nodes in one process by a bus that loses, doubles and reorders what is published, as a seed says. Fences are
/// certain, as they are between real nodes, whispers are treated like publications.
/// </summary>
public sealed class LossyNetwork(int seed, NetworkManners manners, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly List<LossyBus> _nodes = [];
    private readonly HashSet<ITimer> _underWay = [];

    public LossyNetwork(int seed, NetworkManners manners) : this(seed, manners, TimeProvider.System)
    {
    }

    /// <summary>A bus for one more node. All join before anything is published.</summary>
    public INodeBus Join()
    {
        lock (_lock)
        {
            var node = new LossyBus(this, _nodes.Count);
            _nodes.Add(node);
            return node;
        }
    }

    private void Send(LossyBus from, Action<NodeReceiver> deliver)
    {
        deliver(from.Receiver);
        foreach (var node in _nodes)
            if (node != from) Carry(() => deliver(node.Receiver));
    }

    private void Carry(Action deliver)
    {
        TimeSpan? first, second;
        lock (_lock) (first, second) = (Fate(manners.Loses), Fate(1 - manners.Doubles));
        Deliver(deliver, first);
        Deliver(deliver, second);
    }

    // Null: it never arrives.
    private TimeSpan? Fate(double lost)
    {
        if (_random.NextDouble() < lost) return null;
        return _random.NextDouble() < manners.Delays ? _random.NextDouble() * manners.LongestDelay : TimeSpan.Zero;
    }

    private void Deliver(Action deliver, TimeSpan? after)
    {
        if (after is not { } delay) return;
        if (delay == TimeSpan.Zero) deliver();
        else Later(deliver, delay);
    }

    private void Later(Action deliver, TimeSpan delay)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                deliver();
                lock (_lock) _underWay.Remove(timer!);
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock) _underWay.Add(timer); // or the collector takes it
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private async ValueTask Fence(ControlChange change, CancellationToken ct) =>
        await Task.WhenAll(_nodes.Select(node => node.Receiver.Change(change).AsTask())).WaitAsync(ct);

    private sealed class LossyBus(LossyNetwork network, int number) : INodeBus
    {
        private NodeReceiver? _receiver;

        public int Node => number;

        public NodeReceiver Receiver => _receiver ?? throw new InvalidOperationException($"Node {number} is not connected.");

        public void Publish(IReadOnlyList<Event> events) => network.Send(this, receiver => receiver.Events(events));

        public void Whisper(Event hint) => network.Send(this, receiver => receiver.Hint(hint));

        public ValueTask Fence(ControlChange change, CancellationToken ct) => network.Fence(change, ct);

        public void Connect(NodeReceiver receiver) => _receiver = receiver;
    }
}
