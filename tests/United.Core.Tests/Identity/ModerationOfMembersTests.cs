using United.Core.Identity;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class ModerationOfMembersTests
{
    [Theory, EachDatabase]
    public async Task A_suspension_ends_every_session_before_it_is_answered(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var moderator = await scene.StaffCaller(owner, "moderator", Permissions.ManageMembers);
        var bob = await scene.Member("bob");
        var caller = await scene.CallerOf(bob);
        scene.Announcements.Clear();

        IdentityScene.Ok(await scene.Slice.Members.Suspend(moderator, bob.User.Id));

        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Callers.Of(bob.AccessToken)).Refusal?.Fault);
        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Sessions.Refresh(bob.RefreshToken, IdentityScene.Visitor())).Refusal?.Fault);
        Assert.Equal([new ControlChange.UserChanged(caller.UserId), new ControlChange.SessionsEnded(caller.UserId, null, null, "suspended")], scene.Announcements);
        Assert.NotNull(IdentityScene.Ok(await scene.Slice.Directory.Find(caller.UserId)).SuspendedAt);
        Assert.True((await scene.Slice.Members.Suspend(moderator, bob.User.Id)).Ok);

        IdentityScene.Ok(await scene.Slice.Members.Unsuspend(moderator, bob.User.Id));
        Assert.False((await scene.Slice.Callers.Of(bob.AccessToken)).Ok);
        Assert.True((await scene.Slice.LogIns.WithPassword("bob", IdentityScene.Password, IdentityScene.Visitor())).Ok);
    }

    [Theory, EachDatabase]
    public async Task Who_was_resolved_before_an_ending_does_not_stand_after_it(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var (bob, ann) = (await scene.MemberCaller("bob"), await scene.MemberCaller("ann"));
        Assert.True(scene.Slice.Callers.Stands(bob));

        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, bob.UserId));
        Assert.False(scene.Slice.Callers.Stands(bob));
        Assert.True(scene.Slice.Callers.Stands(ann));
        IdentityScene.Ok(await scene.Slice.Members.Unsuspend(owner, bob.UserId));
        var back = await scene.CallerOf(IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("bob", IdentityScene.Password, IdentityScene.Visitor())));
        Assert.True(scene.Slice.Callers.Stands(back));
        Assert.False(scene.Slice.Callers.Stands(bob));

        var role = IdentityScene.Ok(await scene.Slice.Roles.Create(owner, new CreateRole("helpers", Permissions: Permissions.ManageMessages)));
        Assert.False(scene.Slice.Callers.Stands(ann));
        ann = IdentityScene.Ok(await scene.Slice.Callers.Resolve(ann.UserId, ann.SessionId));
        Assert.True(scene.Slice.Callers.Stands(ann));
        IdentityScene.Ok(await scene.Slice.Roles.Give(owner, role.Id, ann.UserId));
        Assert.False(scene.Slice.Callers.Stands(ann));
    }

    [Theory, EachDatabase]
    public async Task A_permission_is_held_by_owner_administrators_and_who_has_a_role_that_grants_all_of_it(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var admin = await Admin(scene, owner, "admin");
        var both = await scene.StaffCaller(owner, "both", Permissions.ManageMessages | Permissions.ManageMembers);
        var one = await scene.StaffCaller(owner, "one", Permissions.ManageMessages);
        var suspended = await scene.StaffCaller(owner, "suspended", Permissions.ManageMessages);
        await scene.MemberCaller("nobody");
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, suspended.UserId));

        async Task<IEnumerable<Guid>> Holders(Permissions needed) => (await scene.Slice.Roles.HoldersOf(needed)).Order();

        Assert.Equal(new[] { owner.UserId, admin.UserId, both.UserId, one.UserId }.Order(), await Holders(Permissions.ManageMessages));
        Assert.Equal(new[] { owner.UserId, admin.UserId, both.UserId }.Order(), await Holders(Permissions.ManageMessages | Permissions.ManageMembers));
        Assert.Equal(new[] { owner.UserId, admin.UserId }.Order(), await Holders(Permissions.ManageServer));
    }

    [Theory, EachDatabase]
    public async Task Nobody_acts_on_who_is_not_below_them(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var admin = await Admin(scene, owner, "admin");
        var otherAdmin = await Admin(scene, owner, "other");
        var moderator = await scene.StaffCaller(owner, "moderator", Permissions.ManageMembers);
        var stronger = await scene.StaffCaller(owner, "stronger", Permissions.ManageMembers | Permissions.ManageServer);
        var member = await scene.MemberCaller("member");
        async Task<Fault?> Suspend(Caller by, Caller whom) => (await scene.Slice.Members.Suspend(by, whom.UserId)).Refusal?.Fault;

        foreach (var (by, whom) in ((Caller, Caller)[])
            [(member, member), (member, moderator), (moderator, owner), (moderator, admin), (moderator, stronger), (moderator, moderator), (admin, owner), (admin, otherAdmin), (admin, admin), (owner, owner)])
            Assert.Equal(Fault.Forbidden, await Suspend(by, whom));
        Assert.Equal(Fault.NotFound, (await scene.Slice.Members.Suspend(moderator, Ids.New(scene.Time))).Refusal?.Fault);
        Assert.Equal(0, await scene.Database.Read(sql => sql.Count("select count(*) from users where suspended_at is not null")));

        foreach (var (by, whom) in ((Caller, Caller)[])[(moderator, member), (stronger, moderator), (admin, stronger), (owner, admin)]) Assert.Null(await Suspend(by, whom));
    }

    [Theory, EachDatabase]
    public async Task Nobody_raises_themselves_or_gives_what_they_lack(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var admin = await Admin(scene, owner, "admin");
        var moderator = await scene.StaffCaller(owner, "moderator", Permissions.ManageMembers);
        var member = await scene.MemberCaller("member");
        async Task<Fault?> Set(Caller by, Guid whom, Role role) => (await scene.Slice.Members.Change(by, whom, new ChangeMember(role))).Refusal?.Fault;

        Assert.Equal(Fault.Forbidden, await Set(member, member.UserId, Role.Admin));
        Assert.Equal(Fault.Forbidden, await Set(moderator, moderator.UserId, Role.Admin));
        Assert.Equal(Fault.Forbidden, await Set(moderator, member.UserId, Role.Admin));
        Assert.Equal(Fault.Forbidden, await Set(admin, member.UserId, Role.Owner));
        Assert.Equal(Fault.Forbidden, await Set(owner, member.UserId, Role.Owner));
        Assert.Equal(Fault.Forbidden, await Set(admin, owner.UserId, Role.Member));

        Assert.Null(await Set(admin, member.UserId, Role.Admin));
        Assert.Equal(Fault.Forbidden, await Set(admin, member.UserId, Role.Member));
        Assert.Null(await Set(owner, member.UserId, Role.Member));
        Assert.Equal("Renamed", IdentityScene.Ok(await scene.Slice.Members.Change(moderator, member.UserId, new ChangeMember(DisplayName: "Renamed"))).DisplayName);
        Assert.Equal(1, await scene.Database.Read(sql => sql.Count("select count(*) from users where role = 2")));
    }

    [Theory, EachDatabase]
    public async Task A_right_that_is_lost_is_lost_at_once(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var session = await scene.Member("bob");
        var role = IdentityScene.Ok(await scene.Slice.Roles.Create(owner, new CreateRole("Mods", Permissions: Permissions.ManageMembers)));
        async Task<Permissions> Rights() => (await scene.CallerOf(session)).Permissions;
        Assert.Equal(Permissions.None, await Rights());

        IdentityScene.Ok(await scene.Slice.Roles.Give(owner, role.Id, session.User.Id));
        Assert.Equal(Permissions.ManageMembers, await Rights());
        IdentityScene.Ok(await scene.Slice.Roles.Change(owner, role.Id, new ChangeRole(Permissions: Permissions.MentionEveryone)));
        Assert.Equal(Permissions.MentionEveryone, await Rights());
        IdentityScene.Ok(await scene.Slice.Roles.Take(owner, role.Id, session.User.Id));
        Assert.Equal(Permissions.None, await Rights());
        IdentityScene.Ok(await scene.Slice.Roles.Give(owner, role.Id, session.User.Id));
        IdentityScene.Ok(await scene.Slice.Roles.Delete(owner, role.Id));
        Assert.Equal(Permissions.None, await Rights());
        IdentityScene.Ok(await scene.Slice.Members.Change(owner, session.User.Id, new ChangeMember(Role.Admin)));
        Assert.Equal(Permissions.All, await Rights());
    }

    [Theory, EachDatabase]
    public async Task Roles_are_made_and_given_within_ones_own_rights(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var manager = await scene.StaffCaller(owner, "manager", Permissions.ManageRoles | Permissions.ManageMessages);
        var member = await scene.MemberCaller("member");
        var roles = scene.Slice.Roles;
        var strong = IdentityScene.Ok(await roles.Create(owner, new CreateRole("Strong", Permissions: Permissions.ManageServer)));

        Assert.Equal(Fault.Forbidden, (await roles.Create(member, new CreateRole("Mine"))).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await roles.Create(manager, new CreateRole("Mine", Permissions: Permissions.ManageServer))).Refusal?.Fault);
        var mine = IdentityScene.Ok(await roles.Create(manager, new CreateRole("Mine", "#00ff7f", 3, Permissions.ManageMessages)));
        Assert.Equal(Fault.Forbidden, (await roles.Change(manager, mine.Id, new ChangeRole(Permissions: Permissions.All))).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await roles.Change(manager, strong.Id, new ChangeRole("Renamed"))).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await roles.Delete(manager, strong.Id)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await roles.Give(manager, strong.Id, manager.UserId)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await roles.Take(manager, strong.Id, manager.UserId)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await roles.Give(manager, mine.Id, Ids.New(scene.Time))).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await roles.Take(manager, mine.Id, member.UserId)).Refusal?.Fault);
        Assert.True((await roles.Give(manager, mine.Id, member.UserId)).Ok);
        Assert.Equal([mine.Id], IdentityScene.Ok(await scene.Slice.Directory.Find(member.UserId)).RoleIds);
        Assert.Contains(mine, await roles.List());
    }

    [Theory, EachDatabase]
    public async Task A_role_is_checked_field_by_field(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var roles = scene.Slice.Roles;
        IdentityScene.Ok(await roles.Create(owner, new CreateRole("Straße")));
        var other = IdentityScene.Ok(await roles.Create(owner, new CreateRole("Other", "#ffffff")));
        async Task<(Fault?, string?)> Refused(CreateRole request)
        {
            var result = await roles.Create(owner, request);
            return (result.Refusal?.Fault, result.Refusal?.Field);
        }

        Assert.Equal((Fault.NameTaken, "name"), await Refused(new CreateRole("ｓtrasse".Replace("ss", "ß", StringComparison.Ordinal))));
        Assert.Equal((Fault.ValidationFailed, "name"), await Refused(new CreateRole("a\0")));
        Assert.Equal((Fault.ValidationFailed, "colour"), await Refused(new CreateRole("Red", "red")));
        Assert.Equal((Fault.ValidationFailed, "colour"), await Refused(new CreateRole("Red", "#FF0000")));
        Assert.Equal((Fault.ValidationFailed, "position"), await Refused(new CreateRole("Red", Position: -1)));
        Assert.Equal(Fault.NameTaken, (await roles.Change(owner, other.Id, new ChangeRole("STRAßE"))).Refusal?.Fault);
        Assert.Null(IdentityScene.Ok(await roles.Change(owner, other.Id, new ChangeRole(Colour: ""))).Colour);
        Assert.Equal(Fault.NotFound, (await roles.Change(owner, Ids.New(scene.Time), new ChangeRole("x"))).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task An_invitation_is_used_as_often_as_it_says_however_many_come_at_once(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Invite);
        var owner = await scene.OwnerCaller();
        var made = IdentityScene.Ok(await scene.Slice.Invites.Create(owner, new CreateInvite(MaxUses: 3)));

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => scene.Slice.Registration.Register(
            new Register($"user{i}", "User", IdentityScene.Password, InviteCode: made.Code), IdentityScene.Visitor())));

        Assert.Equal(3, results.Count(result => result.Ok));
        Assert.All(results.Where(result => !result.Ok), result => Assert.Equal(Fault.InviteInvalid, result.Refusal?.Fault));
        Assert.Empty(IdentityScene.Ok(await scene.Slice.Invites.List(owner, null, 10)));
    }

    [Theory, EachDatabase]
    public async Task An_invitation_ends_with_its_time_its_maker_or_by_hand(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Invite);
        var owner = await scene.OwnerCaller();
        var bob = await Joined(scene, owner, "bob");
        var role = IdentityScene.Ok(await scene.Slice.Roles.Create(owner, new CreateRole("Inviters", Permissions: Permissions.ManageMembers)));
        IdentityScene.Ok(await scene.Slice.Roles.Give(owner, role.Id, bob.UserId));
        bob = IdentityScene.Ok(await scene.Slice.Callers.Resolve(bob.UserId, bob.SessionId));
        async Task<string> Invite(Caller by, TimeSpan? lifetime = null) => IdentityScene.Ok(await scene.Slice.Invites.Create(by, new CreateInvite(lifetime))).Code;
        async Task<bool> IsGood(string code) => (await scene.Slice.Invites.Preview(code, IdentityScene.Visitor())).Ok;

        var timed = await Invite(owner, TimeSpan.FromHours(1));
        var revoked = await Invite(owner);
        var bobs = await Invite(bob);
        Assert.True(await IsGood(timed) && await IsGood(revoked) && await IsGood(bobs));
        Assert.Equal("bob", IdentityScene.Ok(await scene.Slice.Invites.Preview(bobs, IdentityScene.Visitor())).InviterName);

        scene.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(await IsGood(timed));
        IdentityScene.Ok(await scene.Slice.Invites.Revoke(owner, revoked));
        Assert.False(await IsGood(revoked));
        Assert.Equal(Fault.NotFound, (await scene.Slice.Invites.Revoke(owner, revoked)).Refusal?.Fault);

        IdentityScene.Ok(await scene.Slice.Roles.Take(owner, role.Id, bob.UserId));
        Assert.False(await IsGood(bobs));
        IdentityScene.Ok(await scene.Slice.Roles.Give(owner, role.Id, bob.UserId));
        Assert.True(await IsGood(bobs));
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, bob.UserId));
        IdentityScene.Ok(await scene.Slice.Members.Unsuspend(owner, bob.UserId));
        Assert.False(await IsGood(bobs));
    }

    [Theory, EachDatabase]
    public async Task Invitations_are_listed_revoked_and_bounded(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var admin = await Admin(scene, owner, "admin");
        var moderator = await scene.StaffCaller(owner, "moderator", Permissions.ManageMembers);
        var member = await scene.MemberCaller("member");
        var invites = scene.Slice.Invites;
        async Task<(Fault?, string?)> Refused(Caller by, CreateInvite request)
        {
            var result = await invites.Create(by, request);
            return (result.Refusal?.Fault, result.Refusal?.Field);
        }

        Assert.Equal((Fault.Forbidden, null), await Refused(member, new CreateInvite()));
        Assert.Equal((Fault.Forbidden, "role"), await Refused(moderator, new CreateInvite(Role: Role.Admin)));
        Assert.Equal((Fault.Forbidden, "role"), await Refused(owner, new CreateInvite(Role: Role.Owner)));
        Assert.Equal((Fault.ValidationFailed, "max_uses"), await Refused(owner, new CreateInvite(MaxUses: 0)));
        Assert.Equal((Fault.ValidationFailed, "expires_in"), await Refused(owner, new CreateInvite(TimeSpan.Zero)));
        Assert.Equal((Fault.ValidationFailed, "expires_in"), await Refused(owner, new CreateInvite(TimeSpan.FromDays(1000))));
        Assert.Equal(Fault.Forbidden, (await invites.List(member, null, 10)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await invites.Revoke(member, "x")).Refusal?.Fault);

        var made = new List<NewInvite>();
        foreach (var by in (Caller[])[owner, admin, moderator])
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            made.Add(IdentityScene.Ok(await invites.Create(by, new CreateInvite(MaxUses: 2))));
        }
        var page = IdentityScene.Ok(await invites.List(moderator, null, 2));
        Assert.Equal([made[2].Invite, made[1].Invite], page);
        Assert.Equal([made[0].Invite], IdentityScene.Ok(await invites.List(moderator, page[^1].Id, 2)));
        IdentityScene.Ok(await invites.Revoke(moderator, made[0].Invite.Id.ToString()));
        Assert.Equal(2, IdentityScene.Ok(await invites.List(moderator, null, 10)).Count);

        var asAdmin = IdentityScene.Ok(await invites.Create(admin, new CreateInvite(Role: Role.Admin)));
        var carol = IdentityScene.Ok(await scene.Slice.Registration.Register(new Register("carol", "Carol", IdentityScene.Password, InviteCode: asAdmin.Code), IdentityScene.Visitor()));
        Assert.Equal(Role.Admin, carol.User.Role);
    }

    private static async Task<Caller> Admin(IdentityScene scene, Caller owner, string username)
    {
        var session = await scene.Member(username);
        IdentityScene.Ok(await scene.Slice.Members.Change(owner, session.User.Id, new ChangeMember(Role.Admin)));
        return await scene.CallerOf(session);
    }

    private static async Task<Caller> Joined(IdentityScene scene, Caller owner, string username)
    {
        var code = IdentityScene.Ok(await scene.Slice.Invites.Create(owner, new CreateInvite(MaxUses: 1))).Code;
        return await scene.CallerOf(IdentityScene.Ok(await scene.Slice.Registration.Register(
            new Register(username, username, IdentityScene.Password, InviteCode: code), IdentityScene.Visitor())));
    }
}
