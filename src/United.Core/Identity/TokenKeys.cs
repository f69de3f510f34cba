using System.Buffers.Binary;
using System.Security.Cryptography;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// The keys of access tokens, in <c>server_state</c> so that every node signs and verifies with the same. A new one signs from a
/// minute after it was made (every node has it by then); the one before it verifies as long as a token that it signed may live.
/// </summary>
public sealed class TokenKeys
{
    internal static readonly TimeSpan SignsAfter = TimeSpan.FromMinutes(1);
    internal static readonly TimeSpan OutlivesBy = AccessTokens.Lifetime + AccessTokens.Skew;

    private const string Prefix = "token_key/";

    private readonly Database _database;
    private readonly TimeProvider _time;
    private volatile TokenKey[] _keys = [];

    private TokenKeys(Database database, TimeProvider time) => (_database, _time) = (database, time);

    public static async Task<TokenKeys> Load(Database database, TimeProvider time, CancellationToken ct = default)
    {
        var keys = new TokenKeys(database, time);
        await keys.Reload(ct);
        if (keys._keys.Length == 0) await keys.Add(onlyFirst: true, ct);
        return keys;
    }

    /// <summary>Makes the key with which tokens are signed soon, and drops those that no living token was signed with.</summary>
    public async Task Rotate(Control control, CancellationToken ct = default)
    {
        await Add(onlyFirst: false, ct);
        await control.Announce(new ControlChange.SettingsChanged(), ct);
    }

    /// <summary>Rotates if the newest key is older than that.</summary>
    public Task RotateAfter(TimeSpan age, Control control, CancellationToken ct = default) =>
        _keys[0].CreatedAt <= Now - age.TotalMilliseconds ? Rotate(control, ct) : Task.CompletedTask;

    public async Task Apply(ControlChange change)
    {
        if (change is ControlChange.SettingsChanged) await Reload(CancellationToken.None);
    }

    internal TokenKey Signing => Array.Find(_keys, key => key.CreatedAt + SignsAfter.TotalMilliseconds <= Now) ?? _keys[^1];

    /// <returns>Null for a key that never was, or is gone.</returns>
    internal TokenKey? Find(string id)
    {
        var at = Array.FindIndex(_keys, key => key.Id == id);
        return at < 0 || IsPast(at) ? null : _keys[at];
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // The newest stands first: a key is past when the one made after it has signed for longer than a token lives.
    private bool IsPast(int at) => at > 0 && _keys[at - 1].CreatedAt + (SignsAfter + OutlivesBy).TotalMilliseconds < Now;

    private async Task Add(bool onlyFirst, CancellationToken ct)
    {
        // Later than the one before even within a millisecond: the order of keys is the order of their times.
        var createdAt = Math.Max(Now, _keys.Length > 0 ? _keys[0].CreatedAt + 1 : 0);
        var past = _keys.Where((_, at) => IsPast(at)).Select(key => Prefix + key.Id).ToArray();
        await _database.Write(async sql =>
        {
            if (sql.IsPostgres) await sql.Execute("lock table server_state in share row exclusive mode");
            if (onlyFirst && await sql.Exists("select 1 from server_state where name like 'token_key/%'")) return;
            await sql.Execute("insert into server_state (name, value) values (@name, @value)", ("name", Prefix + TokenKey.NewId()), ("value", TokenKey.NewValue(createdAt)));
            await sql.Execute("delete from server_state where name = any(@past)", ("past", past));
        }, ct);
        await Reload(ct);
    }

    private async Task Reload(CancellationToken ct)
    {
        var keys = await _database.Read(sql => sql.All(
            "select name, value from server_state where name like 'token_key/%'", row => TokenKey.Read(row.Text(0)[Prefix.Length..], row.Bytes(1))), ct);
        _keys = [.. keys.OrderByDescending(key => key.CreatedAt).ThenBy(key => key.Id, StringComparer.Ordinal)];
    }
}

internal sealed record TokenKey(string Id, byte[] Secret, long CreatedAt)
{
    public const int IdLength = 16;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));

    /// <summary>The secret's 32 bytes, then the time at which it was made, 8 bytes big-endian.</summary>
    public static byte[] NewValue(long now)
    {
        var value = new byte[KeyMaterial.Length + 8];
        RandomNumberGenerator.Fill(value.AsSpan(0, KeyMaterial.Length));
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(KeyMaterial.Length), now);
        return value;
    }

    public static TokenKey Read(string id, byte[] value) => new(
        id, KeyMaterial.Checked(value[..^8]), BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(value.Length - 8)));
}
