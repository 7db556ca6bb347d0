'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ChangesTable } from '@/components/features/changes-table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { Strategy, StrategySetting } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { asText, type Change, changesOf, type Param, readParams, type Typed, toParams } from './params';

export interface Editing {
  readonly strategy: Strategy;
  readonly setting: StrategySetting;
  /** What the dialog begins with: as it stands, or switched over. */
  readonly enabled: boolean;
}

interface SettingDialogProps {
  readonly editing: Editing;
  readonly onClose: () => void;
}

/** A strategy's setting for a symbol: switch and parameters, saved once the changes are confirmed. */
export function SettingDialog({ editing, onClose }: SettingDialogProps) {
  const { strategy, setting } = editing;
  const where = setting.symbol === '*' ? 'all other symbols' : setting.symbol;
  return (
    <Dialog open onClose={onClose} title={`${strategy.name} on ${where}`} testId="setting-dialog" wide>
      <SettingForm editing={editing} onClose={onClose} />
    </Dialog>
  );
}

const RUNS = { on: 'on', off: 'off' } as const;

function useSave({ strategy, setting }: Editing, onClose: () => void) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const save = useMutation(trpc.strategies.set.mutationOptions());
  const refusal = save.data !== undefined && !save.data.ok ? save.data : null;
  return {
    busy: save.isPending,
    problem: save.isError ? messageOf(save.error) : (refusal?.message ?? null),
    /** Someone else saved first, so the values shown are outdated. */
    outdated: refusal?.code === 'CONFLICT',
    run: async (enabled: boolean, params: Record<string, unknown>) => {
      const { symbol, version } = setting;
      try {
        const outcome = await save.mutateAsync({ strategy: strategy.name, symbol, version, enabled, params });
        if (outcome.ok) onClose();
      } catch {
        // Shown in the dialog, from the mutation's own state.
      } finally {
        void client.invalidateQueries({ queryKey: [['strategies']] });
      }
    },
  };
}

function SettingForm({ editing, onClose }: SettingDialogProps) {
  const { strategy, setting } = editing;
  const params = readParams(strategy.params_schema, strategy.defaults);
  const [enabled, setEnabled] = useState(editing.enabled);
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries(params.map(({ name, defaultText }) => [name, asText(setting.params[name] ?? defaultText)])),
  );
  // Switching on or off needs no form: the change is shown at once.
  const [confirming, setConfirming] = useState(editing.enabled !== setting.enabled);
  const save = useSave(editing, onClose);
  const changes = changesOf(params, setting, enabled, typed);
  const sent = toParams(params, typed);
  const ready = sent !== null && changes.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || save.busy) return;
    if (!confirming) setConfirming(true);
    else if (!save.outdated) void save.run(enabled, sent);
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        {confirming ? (
          <Diff changes={changes} own={setting.origin === 'SYMBOL' || setting.symbol === '*'} symbol={setting.symbol} />
        ) : (
          <>
            <SelectField
              label="Runs"
              value={enabled ? 'on' : 'off'}
              options={RUNS}
              onChange={(value) => setEnabled(value === 'on')}
            />
            <div className="grid gap-3 sm:grid-cols-2">
              {params.map((param) => (
                <ParamField
                  key={param.name}
                  param={param}
                  value={typed[param.name] ?? ''}
                  onChange={(value) => setTyped((before) => ({ ...before, [param.name]: value }))}
                />
              ))}
            </div>
          </>
        )}
        <p aria-live="assertive" className="text-danger" data-testid="setting-problem">
          {save.problem ?? (sent === null ? 'A parameter is not a valid number.' : null)}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={confirming && !save.outdated ? () => setConfirming(false) : onClose}>
          {save.outdated ? 'Close and review again' : confirming ? 'Change more…' : 'Back'}
        </Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!ready || save.busy || (confirming && save.outdated)}
          data-testid="setting-confirm"
        >
          {save.busy ? 'Saving…' : confirming ? 'Save' : 'Review changes'}
        </Button>
      </DialogActions>
    </form>
  );
}

function ParamField({
  param,
  value,
  onChange,
}: {
  readonly param: Param;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  if (param.kind === 'choice' || param.kind === 'boolean') {
    const choices = param.kind === 'boolean' ? ['true', 'false'] : param.choices;
    const options: Record<string, string> = Object.fromEntries(choices.map((choice) => [choice, choice]));
    return <SelectField label={param.label} value={value} options={options} onChange={onChange} />;
  }
  return (
    <TextField
      label={param.label}
      hint={param.hint}
      value={value}
      inputMode={param.kind === 'text' ? 'text' : 'decimal'}
      maxLength={60}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
      data-testid={`param-${param.name}`}
    />
  );
}

interface DiffProps {
  readonly changes: readonly Change[];
  /** Whether the symbol has a setting of its own already. */
  readonly own: boolean;
  readonly symbol: string;
}

function Diff({ changes, own, symbol }: DiffProps) {
  return (
    <>
      <ChangesTable changes={changes} testId="setting-diff" />
      {changes.length === 0 && <p className="text-muted">No changes.</p>}
      {!own && <p className="text-muted">{symbol} gets its own setting and stops inheriting.</p>}
    </>
  );
}
