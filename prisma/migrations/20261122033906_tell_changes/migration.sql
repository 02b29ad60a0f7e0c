-- What running pods keep copies of says when it changes: at once to the connection that changes it (INFO, SQLSTATE BL001),
-- and once committed to everybody who listens. Prisma's schema language has no word for triggers.
CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  subject text := TG_ARGV[0];
BEGIN
  IF TG_NARGS = 2 THEN
    subject := subject || ' ' || (to_jsonb(OLD) ->> TG_ARGV[1]);
  END IF;
  RAISE INFO USING MESSAGE = subject, ERRCODE = 'BL001';
  PERFORM pg_notify('baleen_changes', subject);
  RETURN NULL;
END
$$;

CREATE TRIGGER tell_change AFTER DELETE
  OR UPDATE OF is_active, is_superuser, may_manage_library, may_manage_settings, may_moderate, email_verified_at ON users
  FOR EACH ROW EXECUTE FUNCTION tell_change('users', 'id');

CREATE TRIGGER tell_change AFTER DELETE OR UPDATE ON clients
  FOR EACH ROW EXECUTE FUNCTION tell_change('clients', 'id');

CREATE TRIGGER tell_change AFTER UPDATE OF scopes ON token_families
  FOR EACH ROW EXECUTE FUNCTION tell_change('token_families', 'id');

-- A token without access token has been rotated away, and a family has one that has not. Rotation itself says nothing: it
-- is frequent, and a notification with each would nearly halve the commits per second.
CREATE TRIGGER tell_change AFTER DELETE OR UPDATE OF scopes ON tokens
  FOR EACH ROW WHEN (OLD.access_hash IS NOT NULL) EXECUTE FUNCTION tell_change('token_families', 'family_id');

CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON settings
  FOR EACH STATEMENT EXECUTE FUNCTION tell_change('settings');

CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON rate_limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION tell_change('rate_limit_overrides');
