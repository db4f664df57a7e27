import '../../styles/surface.css';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { SurfacePart } from '../chat/message-parts.ts';
import { ActionRow } from './action-row.tsx';
import { AskView } from './ask-view.tsx';
import { ElementFigure, ElementTile } from './element-figure.tsx';
import { TaskList } from './task-list.tsx';

export interface SurfaceSectionProps {
  readonly parts: readonly SurfacePart[];
  readonly message: Message;
}

/** What a plugin shows in a message besides text, pictures and steps. */
export function SurfaceSection({ parts, message }: SurfaceSectionProps) {
  return (
    <div class="surface">
      {parts.map((part) => {
        switch (part.type) {
          case 'element':
            return part.display === 'inline' ? (
              <ElementFigure key={`e-${part.elementId}`} part={part} message={message} />
            ) : (
              <ElementTile key={`e-${part.elementId}`} part={part} message={message} />
            );
          case 'actions':
            return <ActionRow key={`b-${part.actionsId}`} part={part} message={message} />;
          case 'ask':
            return <AskView key={`q-${part.askId}`} part={part} message={message} />;
          case 'tasks':
            return <TaskList key={`t-${part.tasksId}`} part={part} message={message} />;
          default:
            return part satisfies never;
        }
      })}
    </div>
  );
}
