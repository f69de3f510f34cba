using System.Globalization;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// What the people who run the community set while it runs. Kept in the database, in memory on every node, and changed on all of
/// them before the change is acknowledged. What nobody has set is as the process was started with.
/// </summary>
public sealed class ServerSettings
{
    private const int MostWords = 5_000;

    private readonly Database _database;
    private readonly Control _control;
    private readonly RateLimits _limits;
    private readonly TimeProvider _time;
    private readonly SettingsValues _defaults;
    private readonly Lock _taking = new();
    private long _asked;
    private long _taken;

    private ServerSettings(Database database, Control control, RateLimits limits, TimeProvider time, SettingsValues defaults) =>
        (_database, _control, _limits, _time, _defaults, Current) = (database, control, limits, time, defaults, defaults);

    public SettingsValues Current { get; private set; }

    public static async Task<ServerSettings> Load(
        Database database, Control control, RateLimits limits, TimeProvider time, SettingsValues? defaults = null, CancellationToken ct = default)
    {
        var settings = new ServerSettings(database, control, limits, time, defaults ?? new SettingsValues());
        await settings.Reload(ct);
        return settings;
    }

    public async Task<Result<SettingsValues>> Change(Caller caller, ChangeSettings change, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageServer)) return Fault.Forbidden;
        if (!Check(change).TryGet(out var rows, out var refusal)) return refusal;
        var changed = await _database.Write<Result<Done>>(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.ManageServer)).TryGet(out _, out var lost)) return lost;
            foreach (var (name, value) in rows) await Store(sql, name, value);
            await Audit.Write(sql, _time, caller.UserId, "server.settings", detail: string.Join(' ', rows.Select(row => row.Name)));
            return default(Done);
        }, ct);
        if (!changed.TryGet(out _, out refusal)) return refusal;
        await _control.Announce(new ControlChange.SettingsChanged(), CancellationToken.None);
        return Current;
    }

    public Task Apply(ControlChange change) => change is ControlChange.SettingsChanged ? Reload(CancellationToken.None) : Task.CompletedTask;

    private static Result<List<(string Name, string? Value)>> Check(ChangeSettings change)
    {
        var rows = new List<(string, string?)>();
        if (change.Name is { } name)
        {
            if (!NameRules.DisplayName(name, "name").TryGet(out var clean, out var refusal)) return refusal;
            rows.Add(("name", clean));
        }
        if (change.Registration is { } mode) rows.Add(("registration", RegistrationModes.Of(mode)));
        if (change.Words is { } words)
        {
            if (words.Count > MostWords) return Refusal.Invalid("words", $"has more than {MostWords} entries");
            if (!words.All(WordList.IsWord)) return Refusal.Invalid("words", $"must be single words of {WordList.MostLength} characters at most");
            rows.Add(("words", string.Join('\n', words)));
        }
        foreach (var (field, value, most) in change.Limits.Numbers())
        {
            if (value is < 0 || value > most) return Refusal.Invalid("limits." + field, $"must be 1 to {most}, or 0 for what the server was started with");
            if (value is { } number) rows.Add((field, number == 0 ? null : number.ToString(CultureInfo.InvariantCulture)));
        }
        return rows;
    }

    private static Task<int> Store(Sql sql, string name, string? value) => value is null
        ? sql.Execute("delete from server_settings where name = @name", ("name", name))
        : sql.Execute("insert into server_settings (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value", ("name", name), ("value", value));

    private async Task Reload(CancellationToken ct)
    {
        var turn = Interlocked.Increment(ref _asked);
        var rows = await _database.Read(sql => sql.All("select name, value from server_settings", row => KeyValuePair.Create(row.Text(0), row.Text(1))), ct);
        lock (_taking)
        {
            if (turn < _taken) return; // one that was read later is in force
            _taken = turn;
            Current = From(new Dictionary<string, string>(rows));
            _limits.SetMessageRate(Current.MessagesPerSecond, Current.MessageBurst);
        }
    }

    private SettingsValues From(Dictionary<string, string> set) => new()
    {
        Name = set.GetValueOrDefault("name", _defaults.Name),
        Registration = set.TryGetValue("registration", out var mode) ? RegistrationModes.Parse(mode) ?? _defaults.Registration : _defaults.Registration,
        Words = set.TryGetValue("words", out var words) ? words.Split('\n', StringSplitOptions.RemoveEmptyEntries) : _defaults.Words,
        MaxAccounts = Number(set, "max_accounts") ?? _defaults.MaxAccounts,
        MessagesPerSecond = Number(set, "messages_per_second"),
        MessageBurst = Number(set, "message_burst"),
    };

    private static int? Number(Dictionary<string, string> set, string name) =>
        set.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

public sealed record SettingsValues
{
    public string Name { get; init; } = "United";
    public RegistrationMode Registration { get; init; } = RegistrationMode.Invite;

    /// <summary>Messages that hold one of them are flagged for moderators. Null: the list that the process was started with.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>No registration beyond this many accounts; null: any number.</summary>
    public int? MaxAccounts { get; init; }

    /// <summary>Instead of the setting Limits:MessagesPerSecond, where set.</summary>
    public int? MessagesPerSecond { get; init; }

    /// <summary>Instead of the setting Limits:MessageBurst, where set.</summary>
    public int? MessageBurst { get; init; }
}

/// <summary>What is null stays as it is.</summary>
public sealed record ChangeSettings(string? Name = null, RegistrationMode? Registration = null, IReadOnlyList<string>? Words = null, ChangeLimits Limits = default);

/// <summary>What is null stays as it is; 0 goes back to what the server was started with.</summary>
public readonly record struct ChangeLimits(int? MaxAccounts = null, int? MessagesPerSecond = null, int? MessageBurst = null)
{
    internal IEnumerable<(string Field, int? Value, int Most)> Numbers() =>
        [("max_accounts", MaxAccounts, 1_000_000), ("messages_per_second", MessagesPerSecond, 1_000), ("message_burst", MessageBurst, 10_000)];
}

public enum RegistrationMode
{
    Open,
    Invite,
    Closed,
}

public static class RegistrationModes
{
    public static string Of(RegistrationMode mode) => mode switch
    {
        RegistrationMode.Open => "open",
        RegistrationMode.Closed => "closed",
        _ => "invite",
    };

    public static RegistrationMode? Parse(string name) => name switch
    {
        "open" => RegistrationMode.Open,
        "invite" => RegistrationMode.Invite,
        "closed" => RegistrationMode.Closed,
        _ => null,
    };
}
