using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core;

/// <summary>What an operator watches: how much is written, how much waits, how many listen.</summary>
public sealed class CoreMeter : IDisposable
{
    public const string Name = "United";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _events;
    private readonly Counter<long> _kept;
    private readonly Counter<long> _refused;
    private readonly ConcurrentDictionary<Guid, int> _sessions = new();

    internal CoreMeter(MessageLog log, Hub hub, MediaUploads uploads)
    {
        _events = _meter.CreateCounter<long>("united.events", description: "Committed events that reached this node, by kind");
        _meter.CreateObservableGauge("united.log.waiting", () => log.Waiting, description: "Changes that wait to be committed");
        _meter.CreateObservableGauge("united.users.connected", () => _sessions.Count, description: "Accounts with a connection to this node");
        _meter.CreateObservableGauge("united.sessions", () => _sessions.Values.Sum(), description: "Connections to this node that listen, of all wires");
        _kept = _meter.CreateCounter<long>("united.media.kept", "By", "Bytes of uploads that were kept by this node");
        _refused = _meter.CreateCounter<long>("united.media.refused", description: "Uploads that this node refused, by code");
        hub.SessionsChanged += Count;
        uploads.Kept += size => _kept.Add(size);
        uploads.Refused += fault => _refused.Add(1, KeyValuePair.Create<string, object?>("code", fault.Code));
    }

    public void Dispose() => _meter.Dispose();

    internal void Count(IReadOnlyList<Event> events)
    {
        foreach (var told in events) _events.Add(1, KeyValuePair.Create<string, object?>("kind", told.GetType().Name));
    }

    private void Count(Guid userId, int sessions)
    {
        if (sessions == 0) _sessions.TryRemove(userId, out _);
        else _sessions[userId] = sessions;
    }
}
