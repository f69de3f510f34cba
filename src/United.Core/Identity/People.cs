using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Names, keys and roles of people, for events and previews. Kept in memory until a <see cref="ControlChange"/> says that they
/// changed. Somebody who is gone is still somebody: "deleted account", without a key.
/// </summary>
public sealed class People
{
    private const int MostKept = 100_000;

    private readonly Kept<Person> _people;

    public People(Database database) => _people = new Kept<Person>((id, ct) => database.Read(sql => Load(sql, id), ct), MostKept);

    public ValueTask<Person> Of(Guid userId, CancellationToken ct = default) => _people.Get(userId, ct);

    public void Apply(ControlChange change)
    {
        switch (change)
        {
            case ControlChange.UserChanged changed: _people.Forget(changed.UserId); break;
            case ControlChange.RolesChanged: _people.ForgetAll(); break;
        }
    }

    private static async Task<Person> Load(Sql sql, Guid id) => await UserStore.Find(sql, id) is { } user
        ? new Person(user.Id, user.Username, user.DisplayName, user.PublicKey, user.Role, user.Permissions, user.RoleIds)
        : new Person(id, "", UserStore.DeletedName, "", Role.Member, Permissions.None, []);
}

/// <param name="Username">"" for a deleted account.</param>
/// <param name="PublicKey">Lower-case hex, "" without one.</param>
public sealed record Person(
    Guid Id, string Username, string DisplayName, string PublicKey, Role Role, Permissions Permissions, IReadOnlyList<Guid> RoleIds);
