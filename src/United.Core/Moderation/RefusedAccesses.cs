using System.Net;
using Microsoft.Extensions.Logging;
using United.Core.Storage;

namespace United.Core.Moderation;

/// <summary>Somebody who is signed in asked for what they may not do, or may not know of (or what does not exist: nobody can tell which).</summary>
/// <param name="Asked">The operation by its name on the wire, never what the request held.</param>
/// <param name="Target">The id that it was about, where it named one.</param>
public readonly record struct RefusedAccess(Guid UserId, IPAddress Address, string Asked, Fault Fault, Guid? Target);

/// <summary>
/// Refused accesses in the audit (docs/decisions/0031). An attacker must not be able to fill the disk or keep the database busy: refusals of
/// one kind are one row with the first target and their number, at most <see cref="MostKinds"/> rows of an account and <see cref="MostRows"/> in all within an hour (the
/// rest is counted in one row more), and they are written together, seconds later. A crash loses those seconds.
/// </summary>
public sealed partial class RefusedAccesses(Database database, TimeProvider time, ILogger<RefusedAccesses> log)
{
    internal const string Action = "access.refused";
    internal const int MostKinds = 20;
    internal const int MostRows = 5_000;
    private const int Step = 500;

    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const string Delete = """
        delete from audit where id in (select id from audit where at < @before and action = @action order by at limit @step)
        """;

    private readonly Lock _gate = new();
    private readonly Dictionary<Kind, Tally> _tallies = [];
    private readonly Dictionary<Guid, int> _kinds = [];
    private long _since = time.GetTimestamp();

    /// <summary>Whether it was for lack of a right. Limits, and what a request is wrong in, are no matter of the audit.</summary>
    public static bool Concern(Fault fault) => fault == Fault.NotFound || fault == Fault.Forbidden || fault == Fault.ReadOnly;

    public void Note(RefusedAccess refused)
    {
        lock (_gate) TallyOf(refused).Count++;
    }

    /// <summary>Writes what has gathered, every few seconds and once more at the end.</summary>
    public async Task Run(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Gather, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) await TryWrite();
        }
        catch (OperationCanceledException)
        {
            await TryWrite();
        }
    }

    /// <summary>Forgets what is older than 90 days.</summary>
    public async Task Tidy(CancellationToken ct = default)
    {
        var before = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        while (await database.Write(sql => sql.Execute(Delete, ("before", before), ("action", Action), ("step", Step)), ct) == Step)
        {
        }
    }

    internal async Task Write()
    {
        foreach (var rows in Unwritten().Chunk(Step))
        {
            await database.Write(async sql =>
            {
                foreach (var (tally, count) in rows) await Audit.Keep(sql, tally.Row, tally.Detail(count));
            });
            lock (_gate)
            {
                foreach (var (tally, count) in rows) tally.Written = count;
            }
        }
        StartAnew();
    }

    // What could not be written is tried again: it stands here until it has been.
    private async Task TryWrite()
    {
        try
        {
            await Write();
        }
        catch (Exception e)
        {
            Failed(e);
        }
    }

    private Tally TallyOf(RefusedAccess refused)
    {
        var kind = new Kind(refused.UserId, refused.Address, refused.Asked, refused.Fault);
        if (_tallies.TryGetValue(kind, out var known)) return known;
        var kinds = _kinds.GetValueOrDefault(refused.UserId);
        if (_tallies.Count >= MostRows) return Rest(null);
        if (kinds >= MostKinds) return Rest(refused.UserId);
        _kinds[refused.UserId] = kinds + 1;
        return Add(kind, refused.UserId, refused.Target, $"{refused.Asked} {refused.Fault.Code} from {refused.Address}");
    }

    private Tally Rest(Guid? userId)
    {
        var kind = new Kind(userId ?? Guid.Empty, IPAddress.None, "", Fault.TooMany);
        return _tallies.TryGetValue(kind, out var rest) ? rest : Add(kind, userId, null, "others");
    }

    private Tally Add(Kind kind, Guid? userId, Guid? target, string what) => _tallies[kind] =
        new Tally(new AuditRow(Ids.New(time), time.GetUtcNow().ToUnixTimeMilliseconds(), userId, Action, target), what);

    private List<(Tally, long Count)> Unwritten()
    {
        lock (_gate) return [.. _tallies.Values.Where(tally => tally.Count > tally.Written).Select(tally => (tally, tally.Count))];
    }

    private void StartAnew()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) < Period || _tallies.Values.Any(tally => tally.Count > tally.Written)) return;
            _tallies.Clear();
            _kinds.Clear();
            _since = time.GetTimestamp();
        }
    }

    [LoggerMessage(45, LogLevel.Warning, "Refused accesses could not be written to the audit; they are tried again")]
    private partial void Failed(Exception exception);

    private readonly record struct Kind(Guid UserId, IPAddress Address, string Asked, Fault Fault);

    private sealed class Tally(AuditRow row, string what)
    {
        public AuditRow Row => row;

        public long Count { get; set; }

        public long Written { get; set; }

        public string Detail(long count) => count == 1 ? what : $"{what}, {count} times";
    }
}
