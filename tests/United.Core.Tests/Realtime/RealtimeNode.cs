using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>One node over a fake log, and those who listen there.</summary>
internal sealed class RealtimeNode : IDisposable
{
    private readonly ManualTime _time;
    private readonly RecordingWire _wire = new();
    private readonly Failures _failures = new();

    private RealtimeNode(FakeLog log, INodeBus bus, ManualTime time, RealtimeOptions options, RealtimeReads reads)
    {
        (Log, Bus, _time) = (log, bus, time);
        Hub = new Hub(reads, options, time, _failures);
        bus.Connect(new NodeReceiver(Hub.Accept, Hub.Hear, Hub.Apply));
    }

    public FakeLog Log { get; }

    public INodeBus Bus { get; }

    public Hub Hub { get; }

    public static RealtimeNode Start(FakeLog log, ManualTime time, INodeBus? bus = null, RealtimeOptions? options = null, RealtimeReads? reads = null)
    {
        var node = new RealtimeNode(log, bus ?? new LocalBus(), time, options ?? new RealtimeOptions(), reads ?? log.Reads);
        node.Hub.Start();
        return node;
    }

    public Ear Ear(Guid userId, byte[]? greeting = null) => new(new OutboxSession(userId, Ids.New(TimeProvider.System), _wire, new Outbox(), greeting), _wire);

    public async Task<Ear> Listen(Guid userId)
    {
        var ear = Ear(userId);
        Assert.True(await Attach(ear));
        return ear;
    }

    public Task<bool> Attach(Ear ear) => Hub.Attach(ear.Session, CancellationToken.None);

    public void Publish(params Event[] events) => Bus.Publish(events);

    public ValueTask Fence(ControlChange change) => Bus.Fence(change, CancellationToken.None);

    /// <summary>Until all that arrived has been done and every question to the database has been answered.</summary>
    public async Task Settle()
    {
        while (!await IsQuiet()) await Task.Yield();
    }

    public async Task<bool> IsQuiet()
    {
        var quiet = await Hub.IsQuiet();
        Assert.Empty(_failures.Errors);
        return quiet;
    }

    /// <summary>Waits until the ear hears the event.</summary>
    public async Task Heard(Ear ear, Event told)
    {
        while (!ear.Heard().Contains(told)) await Settle();
    }

    /// <summary>For what should not happen, and so has no event to wait for.</summary>
    public async Task TimeEnough()
    {
        for (var i = 0; i < 3000; i++) await IsQuiet();
    }

    /// <summary>Long enough for a gap to be noticed and read.</summary>
    public async Task Repair()
    {
        await Settle();
        _time.Advance(TimeSpan.FromMilliseconds(51));
        await Settle();
    }

    public void Dispose() => Hub.Dispose();

    private sealed class Failures : ILogger<Hub>
    {
        public ConcurrentQueue<Exception?> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error) Errors.Enqueue(exception);
        }
    }
}

/// <summary>A session whose outbox is read by the test.</summary>
internal sealed class Ear(OutboxSession session, RecordingWire wire)
{
    public OutboxSession Session => session;

    public Guid UserId => session.UserId;

    public CloseReason? Closed => session.Outbox.Closed;

    /// <summary>What it has heard since it was asked last.</summary>
    public IReadOnlyList<Event> Heard()
    {
        var heard = new List<Event>();
        while (session.Outbox.TryTake(out var frames))
            foreach (var frame in frames.Span) heard.Add(wire.Decode(frame));
        return heard;
    }

    public IReadOnlyList<long> HeardRevisions() => [.. Heard().OfType<ConversationEvent>().Select(told => told.Revision)];
}

/// <summary>A wire whose bytes are numbers of events that it remembers.</summary>
internal sealed class RecordingWire : IWireEncoder<byte[]>
{
    private readonly Lock _lock = new();
    private readonly List<Event> _told = [];

    public int Slot => 0;

    public int Encodings => _told.Count;

    public byte[] Encode(Event told)
    {
        lock (_lock)
        {
            _told.Add(told);
            return BitConverter.GetBytes(_told.Count - 1);
        }
    }

    public Event Decode(byte[] bytes)
    {
        lock (_lock) return _told[BitConverter.ToInt32(bytes)];
    }
}
