using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

/// <summary>Somebody loses a right while an act of theirs is under way: its caller was resolved before.</summary>
public sealed class DemotionTests
{
    private const int Rounds = 1_000;
    private const int AtOnce = 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Whoever_was_resolved_before_they_were_demoted_or_suspended_does_nothing_after_it(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var (role, invite) = (IdentityScene.Ok(await scene.Slice.Roles.Create(owner, new CreateRole("Helpers"), Ct)), IdentityScene.Ok(await scene.Slice.Invites.Create(owner, new CreateInvite(), Ct)));
        var (eve, staff) = (await scene.MemberCaller("eve"), await scene.StaffCaller(owner, "staff", Permissions.All));
        var (demoted, suspended) = (await Admin(scene, owner, "demoted"), await Admin(scene, owner, "suspended"));
        foreach (var given in (await scene.Slice.Directory.Find(staff.UserId, Ct)).Value.RoleIds) IdentityScene.Ok(await scene.Slice.Roles.Take(owner, given, staff.UserId, Ct));
        IdentityScene.Ok(await scene.Slice.Members.Change(owner, demoted.UserId, new ChangeMember(Role.Member), Ct));
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, suspended.UserId, Ct));
        var before = await Trace(scene);

        foreach (var (who, fault) in ((Caller, Fault)[])[(staff, Fault.Forbidden), (demoted, Fault.Forbidden), (suspended, Fault.SessionEnded)])
        {
            Assert.Equal(fault, (await scene.Slice.Members.Suspend(who, eve.UserId, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Members.Unsuspend(who, eve.UserId, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Members.Change(who, eve.UserId, new ChangeMember(Role.Member, "Evil"), Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Invites.Create(who, new CreateInvite(), Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Invites.Revoke(who, invite.Code, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Roles.Create(who, new CreateRole("Mine"), Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Roles.Change(who, role.Id, new ChangeRole("Mine"), Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Roles.Give(who, role.Id, who.UserId, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Roles.Delete(who, role.Id, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await scene.Slice.Settings.Change(who, new ChangeSettings("Mine"), Ct)).Refusal?.Fault);
        }
        Assert.Equal(before, await Trace(scene));
    }

    [Theory, EachDatabase]
    public async Task Who_was_the_owner_opens_no_key_after_the_server_was_handed_over(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var (bob, eve) = (await scene.MemberCaller("bob"), await scene.MemberCaller("eve"));
        IdentityScene.Ok(await scene.Slice.Members.HandOver(owner, bob.UserId, Ct));

        Assert.Equal(Fault.Forbidden, (await scene.Slice.Members.AllowKeyReset(owner, eve.UserId, Ct)).Refusal?.Fault);
        Assert.Equal(0, await scene.Database.Read(sql => sql.Count("select count(*) from users where key_reset_until is not null"), Ct));
    }

    // What stands once the demotion is acknowledged is all that ever will: an act that comes later was refused.
    [Theory, EachDatabase]
    public async Task Nobody_is_raised_or_invited_by_somebody_once_their_demotion_was_acknowledged(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var other = await scene.OtherNode();
        var owner = await scene.OwnerCaller();
        var pairs = new List<(Caller Admin, Caller Member)>();
        for (var i = 0; i < AtOnce; i++) pairs.Add((await Admin(scene, owner, $"admin{i}"), await scene.MemberCaller($"member{i}")));

        await Task.WhenAll(pairs.Select(async pair =>
        {
            var (admin, member) = pair;
            for (var round = 0; round < Rounds / AtOnce; round++)
            {
                await Reset(scene, admin, member);
                var raised = other.Slice.Members.Change(admin, member.UserId, new ChangeMember(Role.Admin), Ct);
                var invited = other.Slice.Invites.Create(admin, new CreateInvite(), Ct);
                IdentityScene.Ok(await scene.Slice.Members.Change(owner, admin.UserId, new ChangeMember(Role.Member), Ct));
                var stands = await Standing(scene, admin, member);
                await Task.WhenAll(raised, invited);

                Assert.Equal((raised.Result.Ok ? 1 : 0, invited.Result.Ok ? 1 : 0), stands);
                Assert.Equal(stands, await Standing(scene, admin, member));
            }
        }));
    }

    private static async Task<Caller> Admin(IdentityScene scene, Caller owner, string username)
    {
        var session = await scene.Member(username);
        IdentityScene.Ok(await scene.Slice.Members.Change(owner, session.User.Id, new ChangeMember(Role.Admin), Ct));
        return await scene.CallerOf(session);
    }

    private static Task Reset(IdentityScene scene, Caller admin, Caller member) => scene.Database.Write(async sql =>
    {
        await sql.Execute("update users set role = 1 where id = @id", ("id", admin.UserId));
        await sql.Execute("update users set role = 0 where id = @id", ("id", member.UserId));
        await sql.Execute("delete from invites where created_by = @id", ("id", admin.UserId));
    }, Ct);

    private static Task<(long Raised, long Invited)> Standing(IdentityScene scene, Caller admin, Caller member) => scene.Database.Read(async sql =>
        (await sql.Count("select count(*) from users where id = @id and role = 1", ("id", member.UserId)),
            await sql.Count("select count(*) from invites where created_by = @id", ("id", admin.UserId))), Ct);

    /// <summary>Equal for two moments between which nobody did anything that is in the audit.</summary>
    private static Task<long> Trace(IdentityScene scene) => scene.Database.Read(sql => sql.Count("select count(*) from audit"), Ct);
}
